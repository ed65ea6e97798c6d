"""Somebody moves the wall clock under the running daemon, or it boots in 1970."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, Life, until
from tests.faults.effort import note
from tests.faults.oracle import NS, Account, account, celsius, check_gaps, check_numbers, gaps

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not shutil.which("cc"), reason="needs cc (Debian: gcc libc6-dev), to build a clock that steps"
    ),
]

LENGTH_S = 0.5
DAY_S = 86_400


class SteppedClock:
    """A wall clock for a daemon: `moved` seconds from the machine's."""

    def __init__(self, folder: Path) -> None:
        library, self._file = folder / "steptime.so", folder / "step"
        source = Path(__file__).with_name("steptime.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        self.environ: Mapping[str, str] = {"LD_PRELOAD": str(library), "STEPTIME_FILE": str(self._file)}
        self._file.write_bytes(bytes(8))

    def move(self, seconds: float) -> None:
        """Move it to so many seconds from the machine's; the file stays the same, it is mapped."""
        with self._file.open("r+b") as file:
            file.write(int(seconds * NS).to_bytes(8, "little", signed=True))
        note("steps of a wall clock")


@pytest.fixture
def clock(tmp_path: Path) -> SteppedClock:
    return SteppedClock(tmp_path)


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path, "--fail-rate", "0.4", "--seed", "1") as backend:
        yield backend


def test_a_step_forward_in_mid_window_shows_as_a_gap_after_it(
    tmp_path: Path, backend: BackendProcess, clock: SteppedClock
) -> None:
    with daemon(tmp_path, backend, clock) as device:
        in_mid_window(device)
        clock.move(+3600)
        found = stopped_after(device, backend, 3)
    assert states(found) == ["stepped"]
    assert [round((end - start) / NS, 1) for start, end in gaps(found)] == [3600.0]


def test_a_small_step_back_shortens_a_label(
    tmp_path: Path, backend: BackendProcess, clock: SteppedClock
) -> None:
    with daemon(tmp_path, backend, clock) as device:
        in_mid_window(device)
        clock.move(-0.2)
        found = stopped_after(device, backend, 3)
    assert states(found) == ["stepped"]
    assert gaps(found) == []
    lengths = [(window.end - window.start) / NS for window in found.windows]
    assert min(lengths) == pytest.approx(LENGTH_S - 0.2, abs=0.05)
    assert sum(lengths) == pytest.approx(len(lengths) * LENGTH_S - 0.2, abs=0.05)


def test_a_day_back_holds_windows_until_patience_ends_then_they_go_marked(
    tmp_path: Path, backend: BackendProcess, clock: SteppedClock
) -> None:
    with daemon(tmp_path, backend, clock, {"clock.wait_s": 1.2}) as device:
        in_mid_window(device)
        clock.move(-DAY_S)
        until(lambda: device.look().held)
        stored = len(backend.measurements())
        until(lambda: len(backend.measurements()) > stored + 3)
        found = stopped_after(device, backend, 2)
    assert "windows go as they are, marked" in device.log
    assert states(found) == ["stepped", "unset"]
    assert gaps(found) == []


def test_a_day_back_and_forth_again_leaves_no_trace_in_the_times(
    tmp_path: Path, backend: BackendProcess, clock: SteppedClock
) -> None:
    with daemon(tmp_path, backend, clock) as device:
        in_mid_window(device)
        clock.move(-DAY_S)
        until(lambda: device.look().held >= 2)
        clock.move(0)
        until(lambda: device.look().held == 0)
        found = stopped_after(device, backend, 2)
    # The second step fell into a window, too; but that was labelled when the clock was right again.
    assert states(found) == ["stepped"]
    assert gaps(found) == []


def test_a_kill_while_windows_are_held_back_keeps_them_for_the_right_time(
    tmp_path: Path, backend: BackendProcess, clock: SteppedClock
) -> None:
    with daemon(tmp_path, backend, clock) as device:
        in_mid_window(device)
        clock.move(-DAY_S)
        until(lambda: device.look().held >= 2)
        device.kill()
        device.start(1000)
        until(lambda: device.look().held >= 4)
        clock.move(0)
        until(lambda: device.look().held == 0)
        found = stopped_after(device, backend, 2)
    check_numbers(found.windows, device.lives)
    check_gaps(found, device.lives)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give the daemon another boot")
def test_a_boot_in_1970_holds_windows_until_the_clock_is_set(
    tmp_path: Path, backend: BackendProcess, clock: SteppedClock
) -> None:
    with daemon(tmp_path, backend, clock) as device:
        in_mid_window(device)
        device.kill()
        clock.move(-time.time())
        device.prefix = another_boot(tmp_path / "boot_id")
        device.start(1000)
        until(lambda: device.look().held >= 3)
        assert (now := device.look()).held == now.waiting
        clock.move(0)
        found = stopped_after(device, backend, 3)
    check_numbers(found.windows, device.lives)
    first = next(window for window in found.windows if window.min >= celsius(1000, 1))
    assert device.lives[1].began <= first.start <= (device.lives[1].ready or 0)


def daemon(
    folder: Path, backend: BackendProcess, clock: SteppedClock, settings: Mapping[str, object] | None = None
) -> DeviceProcess:
    asked = {"window.length_s": LENGTH_S, **(settings or {})}
    return DeviceProcess(folder / "device", backend.url, asked, environ=clock.environ)


def in_mid_window(device: DeviceProcess) -> None:
    """Wait until two windows are kept and the third is open for a fifth to two fifths."""
    until(lambda: (now := device.look()).sequence >= 2 and now.window and 10 <= now.window.due <= 20)


def stopped_after(device: DeviceProcess, backend: BackendProcess, windows: int) -> Account:
    """Wait until so many more windows are kept, and give everything; with one life, its numbers are checked."""
    wanted = device.look().sequence + windows
    until(lambda: device.look().sequence >= wanted)
    assert device.stop() == 0
    found = account(device, backend)
    assert not found.dropped
    if len(device.lives) == 1:
        check_numbers(found.windows, [Life(device.lives[0].first, began=0)])
    return found


def states(found: Account) -> list[str]:
    """Which windows' clocks were not simply set, in order, each state once."""
    return list(dict.fromkeys(state for one in found.windows if (state := one.quality["clock"]) != "set"))


def another_boot(boot_id: Path) -> list[str]:
    """Give the command to run something as if the machine had been started five seconds ago."""
    boot_id.write_text("6f1d2f0a-0000-4000-8000-000000000001\n")
    inside = f'mount --bind {boot_id} /proc/sys/kernel/random/boot_id && exec "$@"'
    back = f"--monotonic=-{int(time.monotonic()) - 5}"
    command = ["unshare", "--mount", "--time", back, "sh", "-c", inside, "sh"]
    if subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip(
            "this machine lets nobody have namespaces of his own: no other boot can be shown to the daemon"
        )
    return command
