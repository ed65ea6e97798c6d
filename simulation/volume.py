"""What a process has of a simulated disk, from its start to its end: a way to its files for SQLite, and to their names.

After its end whatever the process still tries changes nothing any more: its files are others by then.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from sampler.device.spool import Volume
from simulation.faults import as_sqlite, as_system

if TYPE_CHECKING:
    from simulation.disk import Disk

_NAMES = (f"simulated-disk-{number}" for number in count())
_CREATE = apsw.SQLITE_OPEN_CREATE
_WRITABLE = apsw.SQLITE_OPEN_READWRITE | _CREATE
_NEW_NAME_SYNCED = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL
"""Of new files of these kinds SQLite's own way to the disk syncs the directory with the first sync."""


class Crash(BaseException):
    """The process has ended here. Nothing of it goes on."""


class SimulatedVolume(Volume):
    """The disk as one process has it."""

    def __init__(self, disk: "Disk") -> None:
        self.disk = disk
        self.dead = False
        self.alert = False
        """Whether a step may be anything but done at once."""
        self._vfs: _Vfs | None = _Vfs(next(_NAMES), self)

    @property
    def vfs(self) -> str:
        """See Volume."""
        if self._vfs is None:
            raise Crash
        return self._vfs.name

    def end(self) -> None:
        """Let nothing go on."""
        self.dead, self.alert = True, False
        vfs, self._vfs = self._vfs, None
        if vfs:
            vfs.unregister()

    def now(self) -> datetime:
        """See Volume."""
        return self.disk.now() if self.disk.now else super().now()

    def rename(self, old: Path, new: Path) -> None:
        """See Volume."""
        self._step("rename", old)
        if unsynced := self.disk.unsynced:
            unsynced.renaming(self.disk.name(old), self.disk.name(new), new)
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        """See Volume."""
        if path.exists():
            self._step("delete", path)
            _about_to_remove(self.disk, path)
        super().remove(path)

    def sync_file(self, path: Path) -> None:
        """See Volume."""
        inode = path.stat().st_ino
        with _noting_a_sync(self.disk, inode):
            self._step("sync", path)

    def sync_directory(self, path: Path) -> None:
        """See Volume."""
        self._step("sync directory", path)
        if self.disk.unsynced:
            self.disk.unsynced.names_synced()

    def _step(self, kind: str, path: Path) -> None:
        if self.dead:
            raise Crash
        if self.alert and (number := self.disk.step(kind)):
            raise as_system(number, path)


class _Vfs(apsw.VFS):
    """SQLite's way to the disk; its methods are named as SQLite calls them."""

    def __init__(self, name: str, volume: SimulatedVolume) -> None:
        super().__init__(name, "")
        self.name, self._volume = name, volume

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        # apsw takes SQLite's note that there is a link on the way for an error.
        return os.path.realpath(name)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        if name is None:
            return apsw.VFSFile("", name, flags)  # a temporary file, which nobody will miss
        volume, path = self._volume, Path(name if isinstance(name, str) else name.filename())
        if volume.dead:
            raise Crash
        new = not path.exists()
        if new and flags[0] & _CREATE and volume.alert and (number := volume.disk.step("create")):
            raise as_sqlite("create", number)
        if volume.disk.faults.read_only:
            flags[0] = flags[0] & ~_WRITABLE | apsw.SQLITE_OPEN_READONLY
        file = _File(volume, path, name, flags)
        if new:
            file.new_name = bool(flags[0] & _NEW_NAME_SYNCED)
            if volume.disk.unsynced:
                volume.disk.unsynced.created(volume.disk.name(path), path)
        return file

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802
        if self._volume.dead:
            return
        if self._volume.alert:
            if number := self._volume.disk.step("delete"):
                raise as_sqlite("delete", number)
            _about_to_remove(self._volume.disk, Path(filename))
        super().xDelete(filename, syncdir)
        if syncdir and self._volume.disk.unsynced:
            self._volume.disk.unsynced.names_synced()


class _File(apsw.VFSFile):
    """A file that SQLite has open; its methods are named as SQLite calls them."""

    new_name = False

    def __init__(
        self, volume: SimulatedVolume, path: Path, name: str | apsw.URIFilename, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        self._volume = volume
        self._inode = path.stat().st_ino

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        if self._volume.alert and (number := self._volume.disk.look(self._inode, offset, amount)):
            raise as_sqlite("read", number)
        return _read(self, amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if not self._volume.alert:
            return _write(self, data, offset)
        self._step("write")
        disk, size, data = self._volume.disk, _size(self), bytes(data)
        fits = disk.faults.fitting(size, offset, len(data))
        if fits and disk.unsynced:
            before = _read(self, fits, offset) if offset < size else b""
            disk.unsynced.contents(self._inode).wrote(offset, before, data[:fits], size)
        disk.bad_sectors.written(self._inode, offset, fits)
        _write(self, data[:fits], offset)
        if fits < len(data):
            raise apsw.exception_for(apsw.SQLITE_FULL)
        return None

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        if self._volume.alert:
            self._step("truncate")
            disk, size = self._volume.disk, _size(self)
            if newsize < size:
                if disk.unsynced:
                    tail = _read(self, size - newsize, newsize).ljust(size - newsize, b"\0")
                    disk.unsynced.contents(self._inode).cut(newsize, tail)
                disk.faults.freed(size - newsize)
        _truncate(self, newsize)

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802
        # The machine's own disk need not be waited for: it is not the one whose power is cut.
        if self._volume.alert:
            with _noting_a_sync(self._volume.disk, self._inode):
                self._step("sync")
            if self.new_name and self._volume.disk.unsynced:
                self._volume.disk.unsynced.names_synced()
        self.new_name = False

    def _step(self, kind: str) -> None:
        if number := self._volume.disk.step(kind):
            raise as_sqlite(kind, number)


@contextmanager
def _noting_a_sync(disk: "Disk", inode: int) -> Iterator[None]:
    try:
        yield
    except (OSError, apsw.Error):
        if disk.unsynced:
            disk.unsynced.contents(inode).sync_failed()
        raise
    if disk.unsynced:
        disk.unsynced.synced(inode)


def _about_to_remove(disk: "Disk", path: Path) -> None:
    if path.exists():
        disk.faults.freed(path.stat().st_size)
        if disk.unsynced:
            disk.unsynced.removing(disk.name(path), path)


# SQLite's own, looked up once: they are called for every write.
_read, _write = apsw.VFSFile.xRead, apsw.VFSFile.xWrite
_truncate, _size = apsw.VFSFile.xTruncate, apsw.VFSFile.xFileSize
