"""The disk is full, read-only or slow: sampling goes on, and a loss is named."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.disks import EXT4, disk_of, memory_disk, reason_for_no_disk
from tests.faults.oracle import LAG, NS, account, check_gaps, check_numbers, gaps, share_missed

pytestmark = pytest.mark.real

needs_disk = pytest.mark.skipif(bool(reason_for_no_disk()), reason=reason_for_no_disk())
needs_strace = pytest.mark.skipif(
    not shutil.which("strace"), reason="needs strace (Debian: strace), for a slow sync"
)

GENTLE = {"sensor.period_s": 0.05}
"""A tick is missed if it comes 50 ms late: that is more than a busy machine makes of it."""


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path, "--fail-rate", "0.4", "--seed", "1") as backend:
        yield backend


@needs_disk
def test_while_the_disk_is_full_windows_wait_in_memory_and_none_is_lost(
    tmp_path: Path, backend: BackendProcess
) -> None:
    with memory_disk(tmp_path, "4m") as disk, on(disk.place, backend.url, tmp_path) as device:
        until(lambda: device.look().sequence >= 2)
        ballast = disk.fill()
        until(lambda: "windows wait in memory" in device.log)
        time.sleep(2)  # four windows, on a disk that takes nothing
        ballast.unlink()
        until(lambda: "the disk is back" in device.log)
        until(lambda: device.look().sequence >= 8)
        device.stop()
        found = account(device, backend)
        assert not found.dropped
        check_numbers(found.windows, device.lives)
        assert gaps(found) == []
        assert share_missed(found.windows) < 0.01


@needs_disk
def test_a_start_on_a_read_only_disk_samples_into_memory_until_it_can_be_written(
    tmp_path: Path, backend: BackendProcess
) -> None:
    with memory_disk(tmp_path, "4m") as disk, on(disk.place, backend.url, tmp_path) as device:
        until(lambda: device.look().sequence >= 2)
        device.stop()
        disk.remount("ro")
        device.start(1000)
        until(lambda: "windows wait in memory" in device.log)
        time.sleep(2)
        disk.remount("rw")
        until(lambda: "the disk is back" in device.log)
        until(lambda: device.look().sequence >= 8)
        device.stop()
        found = account(device, backend)
        assert not found.dropped
        check_numbers(found.windows, device.lives)
        check_gaps(found, device.lives)


@needs_disk
def test_a_disk_that_turns_read_only_for_good_costs_what_came_after_and_no_more(
    tmp_path: Path, backend: BackendProcess
) -> None:
    with disk_of(EXT4, tmp_path) as disk, on(disk.place, backend.url, tmp_path) as device:
        until(lambda: device.look().sequence >= 2)
        before = device.look()
        broken = time.time_ns()
        disk.remount("abort")  # what the kernel does at an error: read-only until it is mounted anew
        until(lambda: "windows wait in memory" in device.log)
        time.sleep(1.2)  # two windows, which will not survive
        device.stop()
        lost = re.search(r"the disk does not come back: (\d+) windows in memory are lost", device.log)
        assert lost, device.log
        assert int(lost[1]) >= 2
        disk.unmount()
        disk.mount()
        device.start(1000)
        until(lambda: device.look().sequence >= before.sequence + 3)
        device.stop()
        found = account(device, backend)
        assert not found.dropped
        [(start, end)] = gaps(found)
        assert broken - NS // 2 - LAG <= start
        assert end <= (device.lives[1].ready or 0)


@needs_strace
def test_a_sync_of_five_seconds_makes_no_tick_late(tmp_path: Path, backend: BackendProcess) -> None:
    with DeviceProcess(tmp_path / "device", backend.url, GENTLE) as device:
        until(lambda: device.look().sequence >= 1)
        with slow_syncs(device.pid):
            began = device.look().sequence
            time.sleep(7)  # the first sync takes five of them
            assert device.look().sequence <= began + 3, "the syncs were not slow"
        until(lambda: device.look().sequence >= began + 14)
        device.stop()
        found = account(device, backend)
        check_numbers(found.windows, device.lives)
        assert gaps(found) == []
        assert share_missed(found.windows) < 0.01


@contextmanager
def slow_syncs(pid: int) -> Iterator[None]:
    inject = "inject=fdatasync,fsync:delay_enter=5000000"
    command = ["strace", "-f", "-p", str(pid), "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", inject]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as strace:
        try:
            yield
        finally:
            strace.terminate()


def on(place: Path, url: str, folder: Path) -> DeviceProcess:
    """A daemon whose spool lies on that disk, and nothing else of it."""
    return DeviceProcess(folder / "device", url, {**GENTLE, "spool.path": place / "spool.db"})
