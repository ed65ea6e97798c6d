"""A simulated disk's file past SQLite: by the same way, on which the same happens."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from sampler.raw import Raw, Unreadable


class SimulatedRaw(Raw):
    """See Raw; the process that has it is the one that has this way, `vfs`."""

    def __init__(self, vfs: str, path: Path, *, writable: bool = False) -> None:
        kind = apsw.SQLITE_OPEN_WAL if path.name.endswith("-wal") else apsw.SQLITE_OPEN_MAIN_DB
        flags = [kind | (apsw.SQLITE_OPEN_READWRITE if writable else apsw.SQLITE_OPEN_READONLY), 0]
        self._file = apsw.VFSFile(vfs, str(path), flags) if path.exists() else None

    def close(self) -> None:
        """See Raw."""
        if self._file:
            self._file.xClose()
            self._file = None

    @property
    def size(self) -> int:
        """See Raw."""
        return self._file.xFileSize() if self._file else 0

    @property
    def _there(self) -> apsw.VFSFile:
        if self._file is None:
            raise OSError(errno.EBADF, "one that is not there cannot be written")
        return self._file

    def read(self, amount: int, at: int) -> bytes:
        """See Raw."""
        try:
            return (self._file.xRead(amount, at) if self._file else b"").ljust(amount, b"\0")
        except apsw.IOError as error:
            raise Unreadable(errno.EIO, str(error)) from error

    def write(self, data: bytes, at: int) -> None:
        """See Raw."""
        with _as_system():
            self._there.xWrite(data, at)

    def sync(self) -> None:
        """See Raw."""
        with _as_system():
            self._there.xSync(apsw.SQLITE_SYNC_NORMAL)


@contextmanager
def _as_system() -> Iterator[None]:
    """Raise OSError for what SQLite's way says."""
    try:
        yield
    except (apsw.FullError, apsw.IOError) as error:
        number = errno.ENOSPC if isinstance(error, apsw.FullError) else errno.EIO
        raise OSError(number, str(error)) from error
