"""The bytes of a spool's file or log, whatever they mean, read in the way that SQLite reads them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import apsw


class Raw:
    """A file to read; one that is not there is empty. Raises apsw.IOError where the disk refuses."""

    def __init__(self, path: Path, vfs: str | None, *, log: bool = False) -> None:
        # SQLite knows which of a process's locks would go with a descriptor of its database; Python does not.
        kind = apsw.SQLITE_OPEN_WAL if log else apsw.SQLITE_OPEN_MAIN_DB
        flags = [kind | apsw.SQLITE_OPEN_READONLY, 0]
        self._file = apsw.VFSFile(vfs or "", str(path), flags) if path.exists() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.xClose()

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._file.xFileSize() if self._file else 0

    def read(self, amount: int, at: int) -> bytes:
        """Give so many bytes; those behind the end are zeros."""
        return (self._file.xRead(amount, at) if self._file else b"").ljust(amount, b"\0")

    def pieces(self, length: int, start: int = 0) -> Iterator[bytes]:
        """Give it piece by piece; a last one that is cut is left out."""
        return (self.read(length, at) for at in range(start, self.size - length + 1, length))
