"""The power is cut under ext4 and XFS: nothing is lost that was synced, and what was told to be stored is there."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess
from tests.faults.disks import EXT4, XFS, Disk, disk_of, reason_for_no_disk
from tests.faults.effort import chance, much, note, numbers
from tests.faults.load import Load
from tests.faults.oracle import check
from tests.faults.rooms import rooms_of
from tests.faults.system_calls import Call, Ending, needs_strace
from tests.faults.test_kill import deliver_all, live

pytestmark = [pytest.mark.real, pytest.mark.skipif(bool(reason_for_no_disk()), reason=reason_for_no_disk())]

CALLS = much(("fdatasync",), ("fdatasync", "fsync", "unlink", "ftruncate"))
CUTS = much(4, 15)
NEW_SPOOLS = much(2, 6)
"""How many of the cuts come so early that many a spool is just being made."""


@pytest.fixture(params=[EXT4, XFS], ids=lambda kind: kind.name)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if reason := reason_for_no_disk(request.param.make[0]):
        pytest.skip(reason)
    with disk_of(request.param, tmp_path) as disk:
        yield disk


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path, "--fail-rate", "0.4", "--seed", "1") as backend:
        yield backend


def test_power_cuts_at_random_instants_cost_the_daemon_nothing_that_was_synced(
    tmp_path: Path, backend: BackendProcess, disk: Disk
) -> None:
    fate = chance("power cuts")
    device = device_on(disk, tmp_path, backend)
    for cut in range(CUTS):
        device.launch(100 * cut)
        live(device, fate.uniform(0.0, 0.6 if cut < NEW_SPOOLS else 2.0))
        before = device.look() if device.spool.exists() and device.note_ready() else None
        disk.lose_power(device.kill)
        note("power cuts under the daemon at random instants")
        if before:
            now = device.look()
            assert (now.sequence, now.delivered) >= (before.sequence, before.delivered)
    deliver_all(device)
    [found] = check([device], backend)
    assert not found.dropped


@needs_strace
def test_a_power_cut_after_any_call_costs_the_daemon_nothing(
    tmp_path: Path, backend: BackendProcess, disk: Disk
) -> None:
    device = device_on(disk, tmp_path, backend)
    device.settings["sensor.at_end"] = "stop"
    device.readings = 30
    ending = Ending(device, "the daemon", tmp_path / "trace", disk)
    for call in CALLS:
        for number in numbers():
            codes = 31 * len(device.lives) % 2000
            if not ending.at(Call(call, number), lambda codes=codes: device.launch(codes), device.note_ready):
                break
    device.readings = None
    deliver_all(device)
    [found] = check([device], backend)
    assert not found.dropped


def test_power_cuts_under_load_take_nothing_that_the_backend_has_answered(tmp_path: Path, disk: Disk) -> None:
    fate = chance("power cuts of the backend")
    with BackendProcess(tmp_path, database_url=f"sqlite:///{disk.place / 'b.db'}") as backend:
        with Load(rooms_of(backend), [backend.url]) as load:
            for _ in range(CUTS):
                time.sleep(fate.uniform(0.05, 1.0))
                disk.lose_power(backend.kill)
                note("power cuts under the backend at random instants")
                backend.start()
        load.check(backend.url)
        backend.command("verify")


def device_on(disk: Disk, folder: Path, backend: BackendProcess) -> DeviceProcess:
    """A daemon whose spool is made on that disk, in a folder that is new, too; it makes a window in 0.1 s."""
    settings = {
        "spool.path": disk.place / "new" / "spool.db",
        "window.length_s": 0.1,
        "window.journal_s": 0.03,
    }
    return DeviceProcess(folder / "device", backend.url, settings)
