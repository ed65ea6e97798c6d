"""A spool is damaged: it is healed, what is lost is named, and no end in the midst of that costs more."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until
from tests.faults.disks import EXT4, XFS, Disk, FileSystem, disk_of, reason_for_no_disk, run
from tests.faults.effort import much, numbers
from tests.faults.oracle import Account, account, check_numbers, share_missed
from tests.faults.recorded import ROWS_A_PAGE, check_recorded, named_as_lost, record, wipe_a_page
from tests.faults.system_calls import Call, Ending, needs_strace
from tests.faulty_proxy import FaultyProxy

pytestmark = pytest.mark.real

RECORDED = 2500


def test_zeros_in_the_middle_of_the_spool_cost_a_page_of_windows_by_name(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend:
        device = DeviceProcess(tmp_path / "device", backend.url)
        record(device.spool, RECORDED)
        wipe_a_page(device.spool, 1 / 2)
        with device:
            check_healing(device, backend)


def test_zeros_in_the_spool_of_a_running_daemon_cost_a_page_of_windows_by_name(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend, FaultyProxy(backend.port) as proxy:
        proxy.switch("refuse")
        device = DeviceProcess(tmp_path / "device", proxy.url)
        record(device.spool, RECORDED)
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
    check_what_is_left(found, device, RECORDED)
    assert share_missed(found.windows) < 0.01


def check_what_is_left(found: Account, device: DeviceProcess, recorded: int) -> None:
    """See that the page and nothing else is gone, and that what came later is right."""
    assert 0 < len(found.dropped) < ROWS_A_PAGE
    old = [window for window in found.windows if window.sequence <= recorded]
    check_recorded(old)
    check_numbers(found.windows[len(old) :], device.lives)


FEW = 60
CALLS = much(("rename", "fsync"), ("rename", "fsync", "fdatasync", "unlink"))
KINDS = much((XFS,), (EXT4, XFS))
AT_ONCE = 3
SHORT = {"window.length_s": 0.1, "sensor.at_end": "stop"}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path) as backend:
        yield backend


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A spool with a page of zeros."""
    path = tmp_path / "damaged.db"
    record(path, FEW)
    wipe_a_page(path, 1 / 2)
    return path


@needs_strace
def test_a_kill_at_any_call_of_the_healing(tmp_path: Path, backend: BackendProcess, damaged: Path) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        each = [pool.submit(end_at_each, call, tmp_path, damaged, backend) for call in (*CALLS, "pwrite64")]
    for one in each:
        one.result()


@needs_strace
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_power_cut_after_any_call_of_the_healing(
    tmp_path: Path, backend: BackendProcess, damaged: Path, kind: FileSystem
) -> None:
    if reason := reason_for_no_disk(kind.make[0]):
        pytest.skip(reason)
    with disk_of(kind, tmp_path) as disk:
        for call in CALLS:
            end_at_each(call, tmp_path, damaged, backend, disk)


def end_at_each(
    call: str, folder: Path, damaged: Path, backend: BackendProcess, disk: Disk | None = None
) -> None:
    """End a daemon on such a spool at each of its calls; each time, let another follow, and see what is left."""
    for number in numbers():
        name = f"{call}-{number}"
        path = (disk.place if disk else folder) / f"{name}.db"
        device = DeviceProcess(folder / name, backend.url, {"sensor.name": name, "spool.path": path, **SHORT})
        device.readings = 20
        shutil.copy(damaged, path)
        run("sync", "-f", str(path))
        ending = Ending(device, "the daemon that heals", device.source.with_name("trace"), disk)
        new = path.with_name(f"{path.name}.healing") if call == "pwrite64" else None
        ended = ending.at(
            Call(call, number, new), lambda device=device: device.launch(1000), device.note_ready
        )
        in_time = "is healed" not in device.log
        device.launch(2000)
        until(device.note_ready)
        assert device.wait() == 0, device.log
        check_what_is_left(account(device, backend), device, FEW)
        if not ended or not in_time:
            break
