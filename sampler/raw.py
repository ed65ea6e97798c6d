"""The bytes of a database's file or of its log, whatever they mean, past SQLite.

SQLite's own way to them can be asked from Python, but keeps every other thread waiting while the disk does: a card
that thinks for a minute about a bad sector would hold sampling for as long.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self

_NONE = -1


class Unreadable(OSError):  # noqa: N818 - reads as a sentence where it is caught
    """The disk refuses to read what was wanted."""


class Bytes(Protocol):
    """What can be read at any place. `size`: how many bytes there are."""

    @property
    def size(self) -> int: ...  # noqa: D102 - above

    def read(self, amount: int, at: int) -> bytes:
        """Give so many bytes; those behind the end are zeros."""


class Raw:
    """A file; one that is not there is empty. Raises OSError where the disk refuses.

    Closing it takes all locks that this process has on the file (fcntl(2)), also SQLite's: a database must not be open
    then. It has none on its log.
    """

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        flags = os.O_RDWR if writable else os.O_RDONLY
        self._descriptor = os.open(path, flags) if path.exists() else _NONE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        descriptor, self._descriptor = self._descriptor, _NONE
        if descriptor != _NONE:
            os.close(descriptor)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return 0 if self._descriptor == _NONE else os.fstat(self._descriptor).st_size

    def read(self, amount: int, at: int) -> bytes:
        """Give so many bytes; those behind the end are zeros. Raises Unreadable."""
        found = b""
        # What lies before a bad sector is given alone, as if the file ended there; the next read fails.
        while len(found) < amount and (more := self._piece(amount - len(found), at + len(found))):
            found += more
        return found.ljust(amount, b"\0")

    def _piece(self, amount: int, at: int) -> bytes:
        try:
            return b"" if self._descriptor == _NONE else os.pread(self._descriptor, amount, at)
        except OSError as error:
            raise Unreadable(*error.args) from error

    def write(self, data: bytes, at: int) -> None:
        """Put all of this there, over what was."""
        while data:
            written = os.pwrite(self._descriptor, data, at)
            data, at = data[written:], at + written

    def sync(self) -> None:
        """Make what was written last through a power cut."""
        os.fsync(self._descriptor)


def pieces(raw: Bytes, length: int, start: int = 0) -> Iterator[bytes]:
    """Give it piece by piece; a last one that is cut ends in zeros."""
    return (raw.read(length, at) for at in range(start, raw.size, length))
