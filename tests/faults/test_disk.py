"""The disk is full, read-only, slow, damaged, or loses its power: sampling goes on, and a loss is named."""

import random
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from sampler.device.adc import Adc
from sampler.device.spool import Spool
from sampler.device.window import Window
from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.disks import ext4_disk, memory_disk, reason_for_no_disk
from tests.faults.oracle import LAG, NS, Seen, account, celsius, check_gaps, check_numbers, gaps
from tests.faulty_proxy import FaultyProxy

pytestmark = pytest.mark.real

needs_disk = pytest.mark.skipif(bool(reason_for_no_disk()), reason=reason_for_no_disk())
needs_strace = pytest.mark.skipif(
    not shutil.which("strace"), reason="needs strace (Debian: strace), for a slow sync"
)

PAGE = 4096
RECORDED = 2500
ROWS_A_PAGE = 20
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
    with ext4_disk(tmp_path) as disk, on(disk.place, backend.url, tmp_path) as device:
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


def test_zeros_in_the_middle_of_the_spool_cost_a_page_of_windows_by_name(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend:
        device = DeviceProcess(tmp_path / "device", backend.url)
        record(device.spool)
        wipe_a_page(device.spool, 1 / 2)
        with device:
            check_healing(device, backend)


def test_zeros_in_the_spool_of_a_running_daemon_cost_a_page_of_windows_by_name(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend, FaultyProxy(backend.port) as proxy:
        proxy.switch("refuse")
        device = DeviceProcess(tmp_path / "device", proxy.url)
        record(device.spool)
        with device:
            # Further towards the end it has the pages in memory, and is not harmed at all.
            wipe_a_page(device.spool, 1 / 8)
            proxy.switch("ok")
            check_healing(device, backend)


def check_healing(device: DeviceProcess, backend: BackendProcess) -> None:
    until(lambda: "is healed" in device.log)
    until(lambda: (now := device.look()).waiting < 3 and now.sequence > RECORDED + 4, 30)
    device.stop()
    found = account(device, backend)
    assert set(found.dropped) == named_as_lost(device.log)
    assert 0 < len(found.dropped) < ROWS_A_PAGE
    old = [window for window in found.windows if window.sequence <= RECORDED]
    assert all(window.average == celsius(code_of(window.sequence), 1) for window in old)
    check_numbers(found.windows[len(old) :], device.lives)
    assert share_missed(found.windows) < 0.01


@needs_disk
def test_a_power_cut_loses_nothing_that_was_synced(tmp_path: Path, backend: BackendProcess) -> None:
    chance = random.Random(1)
    with ext4_disk(tmp_path) as disk, on(disk.place, backend.url, tmp_path) as device:
        for cut in range(1, 6):
            until(lambda: device.look().window)
            time.sleep(chance.uniform(0.0, 1.5))
            before = device.look()
            disk.cut_power()
            device.kill()
            disk.unmount()
            disk.mount()
            device.start(cut * 500)
            now = device.look()
            assert (now.sequence, now.delivered) >= (before.sequence, before.delivered)
        until(lambda: device.look().waiting == 0, 30)
        device.stop()
        found = account(device, backend)
        assert not found.dropped
        check_numbers(found.windows, device.lives)
        check_gaps(found, device.lives)


def on(place: Path, url: str, folder: Path) -> DeviceProcess:
    """A daemon whose spool lies on that disk, and nothing else of it."""
    return DeviceProcess(folder / "device", url, {**GENTLE, "spool.path": place / "spool.db"})


def share_missed(windows: Sequence[Seen]) -> float:
    due: int = sum(window.quality["due"] for window in windows)
    return sum(window.missed("late") for window in windows) / due


def record(path: Path) -> None:
    """Fill a spool with windows of an hour ago, of ten equal readings each."""
    length, start = NS // 10, (time.time_ns() // NS - 3600) * NS
    spool = Spool(path, 10 * RECORDED)
    spool.add(recorded(number, start + number * length, length) for number in range(1, RECORDED + 1))
    spool.close()


def recorded(number: int, start: int, length: int) -> Window:
    window = Window(Adc(), "another", start, start + length, length // 10, 0, start)
    for _ in range(10):
        window.take(code_of(number))
    return window


def code_of(number: int) -> int:
    return 7 * number % 4096


def wipe_a_page(path: Path, part: float) -> None:
    """Fill a page of measurements with zeros, the first that lies after that part of the file."""
    with path.open("r+b") as file:
        pages = list(iter(lambda: file.read(PAGE), b""))
        where = next(at for at in range(int(len(pages) * part), len(pages)) if b"celsius" in pages[at])
        file.seek(where * PAGE)
        file.write(bytes(PAGE))


def named_as_lost(log: str) -> set[int]:
    """Read `is healed: … lost are 283 to 296, 300; …`."""
    named = re.search(r"lost are ([^;]*);", log)
    ranges = [part.split(" to ") for part in named[1].split(", ")] if named else []
    return {number for part in ranges for number in range(int(part[0]), int(part[-1]) + 1)}
