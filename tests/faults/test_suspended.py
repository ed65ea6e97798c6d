"""A process stands still for a while: its readings of that time are missed, and nothing is lost, doubled or moved."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.effort import much, note
from tests.faults.load import Load
from tests.faults.oracle import Account, check, gaps
from tests.faults.rooms import rooms_of
from tests.postgresql import PostgresqlServer, reason_for_no_postgresql

pytestmark = pytest.mark.real

TIMES = much(1, 3)


def test_a_daemon_that_stood_still_for_three_windows_says_so_and_goes_on(tmp_path: Path) -> None:
    stood_s = 0.0
    with (
        BackendProcess(tmp_path) as backend,
        DeviceProcess(tmp_path / "device", backend.url) as device,
    ):
        for _ in range(TIMES):
            wanted = device.look().sequence + 2
            until(lambda wanted=wanted: device.look().sequence >= wanted)
            began = time.monotonic()
            with standing_still(device, "the daemon"):
                time.sleep(1.8)  # into the middle of the fourth window from here
            stood_s += time.monotonic() - began
        stopped = device.look().sequence
        until(lambda: device.look().sequence >= stopped + 4)
        assert device.stop() == 0
        [found] = check([device], backend)
    assert gaps(found) == []
    empty = found.told["without_reading"]
    assert sum(one["windows"] for one in empty) in range(2 * TIMES, 3 * TIMES + 1)
    assert late(found) * device.period_s == pytest.approx(stood_s, abs=0.1 * TIMES)


def test_a_backend_that_stands_still_for_longer_than_the_daemons_patience_costs_nothing(
    tmp_path: Path,
) -> None:
    with (
        BackendProcess(tmp_path) as backend,
        DeviceProcess(tmp_path / "device", backend.url, {"backend.timeout_s": 0.3}) as device,
    ):
        with Load(rooms_of(backend), [backend.url]) as load:
            for _ in range(TIMES):
                until(lambda: device.look().waiting == 0 < device.look().delivered)
                with standing_still(backend, "the backend"):
                    until(lambda: device.look().waiting >= 3)
                until(lambda: device.look().waiting == 0)
        check_both(device, load, backend)


def test_a_postgresql_that_stands_still_costs_neither_side_anything(tmp_path: Path) -> None:
    if reason := reason_for_no_postgresql():
        pytest.skip(reason)
    with (
        PostgresqlServer() as server,
        BackendProcess(tmp_path, database_url=server.url()) as backend,
        DeviceProcess(tmp_path / "device", backend.url) as device,
    ):
        with Load(rooms_of(backend), [backend.url]) as load:
            for _ in range(TIMES):
                until(lambda: device.look().waiting == 0 < device.look().delivered)
                server.suspend()
                try:
                    until(lambda: device.look().waiting >= 3)
                finally:
                    server.resume()
                note("PostgreSQL: suspend")
                until(lambda: device.look().waiting == 0, 30)
        check_both(device, load, backend)


@contextmanager
def standing_still(process: DeviceProcess | BackendProcess, name: str) -> Iterator[None]:
    process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.signal(signal.SIGCONT)
    note(f"SIGSTOP of {name} for three windows")


def check_both(device: DeviceProcess, load: Load, backend: BackendProcess) -> None:
    """See that each of the load's writes and each of the device's windows is there, and once."""
    device.stop()
    load.check(backend.url)
    [found] = check([device], backend)
    assert gaps(found) == []
    assert not found.dropped


def late(found: Account) -> int:
    """How many readings came too late, those of windows without any included."""
    empty = sum(one["missed"].get("late", 0) for one in found.told["without_reading"])
    return sum(window.missed("late") for window in found.windows) + empty
