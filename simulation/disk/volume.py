"""What a process has of a simulated disk, from its start to its end: a way to its files for SQLite, and to their names.

After its end whatever the process still tries changes nothing any more: its files are others by then.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.raw import Raw
from sampler.volume import Volume
from simulation.disk.faults import as_system
from simulation.disk.raw import SimulatedRaw
from simulation.disk.vfs import Vfs

if TYPE_CHECKING:
    from simulation.disk.disk import Disk

_NUMBERS = count()
"""SQLite's names are the whole process's."""


class Crash(BaseException):
    """The process has ended here. Nothing of it goes on."""


class SimulatedVolume(Volume):
    """The disk as one process has it. `alert`: whether a step may be anything but done at once."""

    def __init__(self, disk: "Disk", now: Callable[[], datetime] | None) -> None:
        self.disk = disk
        self.dead = False
        self.alert = False
        self._now = now or super().now
        self._vfs: Vfs | None = Vfs(f"simulated-disk-{next(_NUMBERS)}", self)

    @property
    def vfs(self) -> str:
        """See Volume."""
        if self._vfs is None:
            raise Crash
        return self._vfs.name

    def raw(self, path: Path, *, writable: bool = False) -> Raw:
        """See Volume."""
        return SimulatedRaw(self.vfs, path, writable=writable)

    def end(self) -> None:
        """Let nothing go on."""
        self.dead, self.alert = True, False
        vfs, self._vfs = self._vfs, None
        if vfs:
            vfs.unregister()

    def now(self) -> datetime:
        """See Volume."""
        return self._now()

    def read_only(self, path: Path) -> bool:
        """See Volume."""
        return self.disk.faults.read_only

    def rename(self, old: Path, new: Path) -> None:
        """See Volume."""
        self._step("rename", old)
        if unsynced := self.disk.unsynced:
            unsynced.renaming(old, new)
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        """See Volume."""
        if path.exists():
            self._step("delete", path)
            self.removing(path)
        super().remove(path)

    def sync_file(self, path: Path) -> None:
        """See Volume."""
        inode = path.stat().st_ino
        try:
            self._step("sync", path)
        except OSError:
            self.synced(inode, failed=True)
            raise
        self.synced(inode)

    def sync_directory(self, path: Path) -> None:
        """See Volume."""
        self._step("sync directory", path)
        self.names_synced()

    def _step(self, kind: str, path: Path) -> None:
        if self.dead:
            raise Crash
        if self.alert and (number := self.disk.step(kind)):
            raise as_system(number, path)

    # What happens to files, whoever does it.

    def created(self, path: Path) -> None:
        """Note a new file."""
        if self.disk.unsynced:
            self.disk.unsynced.created(path)

    def removing(self, path: Path) -> None:
        """Note that a file is about to be removed."""
        if path.exists():
            self.disk.faults.freed(path.stat().st_size)
            if self.disk.unsynced:
                self.disk.unsynced.removing(path)

    def synced(self, inode: int, *, failed: bool = False) -> None:
        """Note that what a file holds lasts, or never will."""
        if self.disk.unsynced and failed:
            self.disk.unsynced.contents(inode).sync_failed()
        elif self.disk.unsynced:
            self.disk.unsynced.synced(inode)

    def names_synced(self) -> None:
        """Note that all names last."""
        if self.disk.unsynced:
            self.disk.unsynced.names_synced()
