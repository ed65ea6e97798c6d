"""The backend ends at each call that changes its file, in turn: every answered write is there, and once."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.disks import EXT4, XFS, Disk, FileSystem, disk_of, reason_for_no_disk
from tests.faults.effort import much, numbers
from tests.faults.load import Load
from tests.faults.rooms import rooms_of
from tests.faults.system_calls import Call, Ending, needs_strace

pytestmark = [pytest.mark.real, needs_strace]

WRITE = "pwrite64"
CALLS = much(("fdatasync",), ("fdatasync", "fsync", "link", "unlink", "ftruncate"))
SHARES = much(1, 2)
KINDS = much((XFS,), (EXT4, XFS))
AT_ONCE = 3
WRITES = 3


def test_a_kill_at_any_call_from_a_new_database_to_its_last_checkpoint(tmp_path: Path) -> None:
    def end_each_of_its_share(call: str, first: int, step: int) -> None:
        end_at_each(tmp_path / f"{call}-{first}", call, first, step)

    # Its writes are many: so several backends share them.
    writes = [(WRITE, first, SHARES) for first in range(1, 1 + SHARES)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        each = [
            pool.submit(end_each_of_its_share, *one) for one in (*writes, *((call, 1, 1) for call in CALLS))
        ]
    for one in each:
        one.result()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_power_cut_after_any_call_from_a_new_database_to_its_last_checkpoint(
    tmp_path: Path, kind: FileSystem
) -> None:
    if reason := reason_for_no_disk(kind.make[0]):
        pytest.skip(reason)
    with disk_of(kind, tmp_path) as disk:
        for call in CALLS:  # at whatever write it ends, what was not synced is gone
            end_at_each(tmp_path / call, call, disk=disk)


def end_at_each(folder: Path, call: str, first: int = 1, step: int = 1, disk: Disk | None = None) -> None:
    """Let lives of a new backend end at each such call while it makes its database, then of one under load."""
    with backend_in(folder, disk) as backend:
        ending = Ending(backend, "the backend", folder / "trace", disk)

        def end_at_each_until(enough: Callable[[], Callable[[], bool]]) -> None:
            for number in numbers(first, step):
                life = Short(backend, enough())
                if not ending.at(Call(call, number), backend.launch, life.end_in_time):
                    break

        end_at_each_until(lambda: lambda: backend.listens)
        backend.start()
        rooms = rooms_of(backend)
        backend.stop()
        with Load(rooms, [backend.url], clients=1) as load:
            end_at_each_until(lambda: has_written(load, load.writes + WRITES))
            backend.start()
        load.check(backend.url)
        backend.command("verify")


@contextlib.contextmanager
def backend_in(folder: Path, disk: Disk | None) -> Iterator[BackendProcess]:
    """One that has never run; its database is to be on the disk, if one is named."""
    folder.mkdir()
    place = disk.place / folder.name if disk else folder
    backend = BackendProcess(folder, database_url=f"sqlite:///{place / 'backend.db'}")
    with contextlib.ExitStack() as stack:
        stack.push(backend)
        yield backend


def has_written(load: Load, wanted: int) -> Callable[[], bool]:
    return lambda: load.writes >= wanted


@dataclass(slots=True)
class Short:
    """A life that is told to end when it has done enough."""

    backend: BackendProcess
    enough: Callable[[], bool]
    told: bool = False

    def end_in_time(self) -> None:
        if not self.told and self.enough():
            self.told = True
            with contextlib.suppress(ProcessLookupError):
                self.backend.signal(signal.SIGTERM)
