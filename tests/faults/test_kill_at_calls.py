"""`kill -9` of the daemon at each call that changes a file, in turn: no window is lost, doubled or falsified."""

import itertools
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.effort import much, numbers
from tests.faults.oracle import account, check
from tests.faults.recorded import check_recorded, record
from tests.faults.system_calls import Call, Ending, needs_strace
from tests.faults.test_kill import deliver_all

pytestmark = [pytest.mark.real, needs_strace]

CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "openat")
BUSY = {"window.length_s": 0.1, "window.journal_s": 0.03, "sensor.at_end": "stop", "retry.attempts": 10}
READINGS = 30
AT_ONCE = 3
BACKLOG = 2500
LATEST = {"pwrite64": much(27, 60), "fdatasync": much(9, 20)}
"""A kill at the n-th call lets so many of them be done: all in all no more than the backlog takes."""


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path, "--fail-rate", "0.2", "--fail-after", "0.1", "--seed", "1") as backend:
        yield backend


def test_a_kill_at_any_call_from_the_making_of_the_spool_to_the_last_delivery(
    tmp_path: Path, backend: BackendProcess
) -> None:
    devices = [busy_device(tmp_path, backend, call) for call in CALLS]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(kill_at_each, devices))
    for found in check(devices, backend):
        assert len(found.windows) > 3


def busy_device(
    folder: Path, backend: BackendProcess, name: str, settings: Mapping[str, object] | None = None
) -> DeviceProcess:
    """A device whose life is short and full of turns, journals and deliveries."""
    device = DeviceProcess(folder / name, backend.url, {"sensor.name": name, **BUSY, **(settings or {})})
    device.readings = READINGS
    return device


def kill_at_each(device: DeviceProcess) -> None:
    """Kill it at each such call until it has made its spool, then at each of the lives that follow."""
    # It opens many files when it starts: of these only its log is meant.
    log = device.spool.with_name("spool.db-wal") if device.name == "openat" else None
    for number in numbers():
        if not end_at(device, Call(device.name, number, log)) or device.note_ready():
            break
    for number in numbers():
        if not end_at(device, Call(device.name, number, log)):
            break
    deliver_all(device)


def test_a_kill_at_any_call_of_a_delivery(tmp_path: Path, backend: BackendProcess) -> None:
    """Nothing else is written meanwhile: so it is the delivery's calls that are counted."""
    quiet = {"window.length_s": 3600.0, "window.journal_s": 3600.0}
    devices = [busy_device(tmp_path, backend, call, quiet) for call in LATEST]
    for device in devices:
        device.readings = None
        record(device.spool, BACKLOG)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(kill_while_it_delivers, devices))
    for device in devices:
        found = account(device, backend)
        check_recorded(found.windows)
        assert len(found.windows) == BACKLOG


def kill_while_it_delivers(device: DeviceProcess) -> None:
    for number in itertools.takewhile(lambda number: number <= LATEST[device.name], numbers()):
        assert end_at(device, Call(device.name, number)), "it has delivered all"
    with device:
        until(lambda: device.look().waiting == 0, 60)


def test_a_kill_at_any_call_of_a_checkpoint(tmp_path: Path, backend: BackendProcess) -> None:
    """The spool's file itself is written when its log is moved into it: at a start, and when the log is long."""
    device = busy_device(tmp_path, backend, "checkpoint", {"sensor.period_s": 0.002, "window.length_s": 0.02})
    device.readings = 1000
    with device:
        until(lambda: device.look().sequence)
    for number in numbers():
        if not end_at(device, Call("pwrite64", number, device.spool)):
            break
    deliver_all(device)
    check([device], backend)


def end_at(device: DeviceProcess, call: Call) -> bool:
    """Let a life end at the call; tell whether it came by it before its source ended."""
    ending = Ending(device, "the daemon", device.source.with_name("trace"))
    return ending.at(call, lambda: device.launch(31 * len(device.lives) % 2000), device.note_ready)
