"""`kill -9` at any instant: no window is lost, doubled or falsified."""

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, Life, until
from tests.faults.oracle import LAG, NS, Seen, absences, account, check_gaps, check_numbers

pytestmark = pytest.mark.real

KILLS = int(os.environ.get("FAULT_KILLS", "60"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))
DEVICES = 4
JOURNAL_S = 0.1
LATER = {"pwrite64": (50, 100, 200, 300, 400), "fdatasync": (30, 40)}
"""At which of a thread's calls, after the first twenty, a life ends: a commit is one sync and some twenty writes."""


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path, "--fail-rate", "0.4", "--fail-after", "0.1", "--seed", "1") as backend:
        yield backend


def test_kills_at_random_instants_lose_double_and_falsify_nothing(
    tmp_path: Path, backend: BackendProcess
) -> None:
    print(f"FAULT_SEED={SEED} FAULT_KILLS={KILLS}")  # noqa: T201 - pytest shows it where this fails
    devices = [
        DeviceProcess(
            tmp_path / f"device{number}",
            backend.url,
            {"sensor.name": f"device{number}", "window.length_s": 1.0, "window.journal_s": JOURNAL_S},
        )
        for number in range(DEVICES)
    ]
    with ThreadPoolExecutor(DEVICES) as pool:
        list(pool.map(torment, devices, [random.Random(SEED + number) for number in range(DEVICES)]))
    for device in devices:
        found = account(device, backend)
        check_numbers(found.windows, device.lives)
        check_what_is_missing(found.windows, device.lives)
        check_gaps(found, device.lives)


def torment(device: DeviceProcess, chance: random.Random) -> None:
    """Start and kill the daemon over and over; at last let it deliver all it has."""
    for _ in range(KILLS // DEVICES):
        device.launch(chance.randrange(3500))
        live(device, chance.uniform(0.0, 1.5))
        device.kill()
        time.sleep(chance.choice((0.0, 0.1, 0.5, 1.2)))
    deliver_all(device)


def deliver_all(device: DeviceProcess) -> None:
    """Start it once more, and let it live until nothing waits."""
    with device:
        until(lambda: (now := device.status())["waiting"] == 0 < now["sequence"], 30)
        assert device.stop() == 0


def live(device: DeviceProcess, seconds: float) -> None:
    """Let it live so long, and take note of when it is ready."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        device.note_ready()
        time.sleep(0.01)


def check_what_is_missing(windows: Sequence[Seen], lives: Sequence[Life]) -> None:
    """Allow as missing what nobody could sample, and for each kill what the journal did not have yet."""
    for window in windows:
        away = sum(max(0, min(window.end, end) - max(window.start, start)) for start, end in absences(lives))
        kills = sum(window.start <= (life.ended or 0) < window.end + LAG for life in lives)
        allowed = away / NS + kills * (JOURNAL_S + LAG / NS)
        assert window.missed("away") * 0.01 <= allowed, window


@pytest.mark.skipif(
    not shutil.which("strace"), reason="needs strace (Debian: strace), to kill at a system call"
)
def test_a_kill_at_any_write_or_sync_loses_doubles_and_falsifies_nothing(
    tmp_path: Path, backend: BackendProcess
) -> None:
    busy = {"window.length_s": 0.1, "window.journal_s": 0.03}
    devices = [DeviceProcess(tmp_path / call, backend.url, {"sensor.name": call, **busy}) for call in LATER]
    with ThreadPoolExecutor(len(LATER)) as pool:
        list(pool.map(kill_at_each, devices, LATER))
    for device in devices:
        found = account(device, backend)
        check_numbers(found.windows, device.lives)
        assert len(found.windows) > 20


def kill_at_each(device: DeviceProcess, call: str) -> None:
    """Kill it at such calls while it makes its spool, then at each of the first twenty of a life and some later."""
    for number in range(1, 20, 3):
        kill_at(device, call, number)
    device.prefix = ()
    with device:
        until(lambda: device.look().sequence)
    for number in (*range(1, 21), *LATER[call]):
        kill_at(device, call, number)
    device.prefix = ()
    deliver_all(device)


def kill_at(device: DeviceProcess, call: str, number: int) -> None:
    """Start it, and kill it when a thread enters such a call for the n-th time."""
    inject = f"inject={call}:signal=KILL:when={number}"
    device.prefix = ("strace", "-D", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
    device.launch(len(device.lives) * 100)
    assert device.wait(10) == -signal.SIGKILL, f"no call number {number} of {call}:\n{device.log}"
