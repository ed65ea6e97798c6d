"""SQLite's way to a simulated disk: its methods have the names that SQLite gives them."""
# ruff: noqa: D102, N802 - SQLite describes them: https://sqlite.org/c3ref/io_methods.html

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from simulation.disk.faults import as_sqlite

if TYPE_CHECKING:
    from simulation.disk.volume import SimulatedVolume

_WRITABLE = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
_NAMES_SYNCED = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL
"""With the first sync of a new file of these kinds SQLite's own way to a disk syncs the directory, too."""

# SQLite's own, looked up once: they are called for every write.
_read, _write = apsw.VFSFile.xRead, apsw.VFSFile.xWrite
_truncate, _size = apsw.VFSFile.xTruncate, apsw.VFSFile.xFileSize


class Vfs(apsw.VFS):
    """The way of one process."""

    def __init__(self, name: str, volume: "SimulatedVolume") -> None:
        super().__init__(name, "")
        self.name, self._volume = name, volume

    def xFullPathname(self, name: str) -> str:
        # apsw takes SQLite's note that there is a link on the way for an error.
        return os.path.realpath(name)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        volume = self._volume
        if name is None:
            return apsw.VFSFile("", name, flags)  # a temporary file, which nobody will miss
        path = Path(name if isinstance(name, str) else name.filename())
        _ = volume.vfs  # a dead process opens nothing
        new = not path.exists()
        if new and volume.alert and (number := volume.disk.step("create")):
            raise as_sqlite("create", number)
        if volume.disk.faults.read_only:
            flags[0] = flags[0] & ~_WRITABLE | apsw.SQLITE_OPEN_READONLY
        file = File(volume, path, name, flags)
        if new:
            file.new = bool(flags[0] & _NAMES_SYNCED)
            volume.created(path)
        return file

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001 - SQLite's way
        volume = self._volume
        if volume.dead:
            return
        if volume.alert:
            if number := volume.disk.step("delete"):
                raise as_sqlite("delete", number)
            volume.removing(Path(filename))
        super().xDelete(filename, syncdir)
        if syncdir:
            volume.names_synced()


class File(apsw.VFSFile):
    """A file that SQLite has open. `new`: nobody has synced its name yet, and its first sync will."""

    new = False

    def __init__(
        self, volume: "SimulatedVolume", path: Path, name: str | apsw.URIFilename, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        self._volume = volume
        self._inode = path.stat().st_ino

    def xRead(self, amount: int, offset: int) -> bytes:
        if self._volume.alert and (number := self._volume.disk.look(self._inode, offset, amount)):
            raise as_sqlite("read", number)
        return _read(self, amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:
        if self._volume.alert:
            self._write_watched(bytes(data), offset)
        else:
            _write(self, data, offset)

    def _write_watched(self, data: bytes, offset: int) -> None:
        self._step("write")
        disk, size = self._volume.disk, _size(self)
        fits = disk.faults.fitting(size, offset, len(data))
        if fits and disk.unsynced:
            before = _read(self, fits, offset) if offset < size else b""
            disk.unsynced.contents(self._inode).wrote(offset, before, data[:fits], size)
        disk.bad_sectors.written(self._inode, offset, fits)
        _write(self, data[:fits], offset)
        if fits < len(data):
            raise as_sqlite("write", errno.ENOSPC)

    def xTruncate(self, newsize: int) -> None:
        lost = _size(self) - newsize
        if self._volume.alert:
            self._step("truncate")
        if self._volume.alert and lost > 0:
            if unsynced := self._volume.disk.unsynced:
                unsynced.contents(self._inode).cut(newsize, _read(self, lost, newsize).ljust(lost, b"\0"))
            self._volume.disk.faults.freed(lost)
        _truncate(self, newsize)

    def xSync(self, flags: int) -> None:
        # The machine's own disk need not be waited for: it is not the one whose power is cut.
        volume = self._volume
        if volume.alert:
            try:
                self._step("sync")
            except apsw.Error:
                volume.synced(self._inode, failed=True)
                raise
            volume.synced(self._inode)
            if self.new:
                volume.names_synced()
        self.new = False

    def _step(self, kind: str) -> None:
        if number := self._volume.disk.step(kind):
            raise as_sqlite(kind, number)
