"""How a disk refuses, and what SQLite's own way to the disk makes of it."""

import errno
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import apsw

_READ_ONLY_LEAVES = {"read", "sync", "sync directory"}

# As in unixRead, unixWrite, unixSync, unixTruncate, unixDelete and unixOpen of SQLite's os_unix.c.
_CODES = {
    "read": apsw.SQLITE_IOERR_CORRUPTFS,
    "write": apsw.SQLITE_IOERR_WRITE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "delete": apsw.SQLITE_IOERR_DELETE,
    "create": apsw.SQLITE_CANTOPEN,
}


def as_sqlite(kind: str, number: int) -> Exception:
    """Give the error that SQLite makes of one of the system's."""
    full = (kind, number) == ("write", errno.ENOSPC)
    return apsw.exception_for(apsw.SQLITE_FULL if full else _CODES[kind])


def as_system(number: int, path: Path) -> OSError:
    """Give the error that Python makes of one of the system's."""
    return OSError(number, os.strerror(number), str(path))


@dataclass(slots=True)
class Fault:
    """Of these kinds of steps one in so many fails, so many times; None: for ever."""

    kinds: tuple[str, ...]
    number: int
    times: int | None
    one_in: int

    def strikes(self, kind: str, rng: Random) -> bool:
        """Tell whether it fails a step, and count that."""
        if kind not in self.kinds or self.times == 0 or rng.randrange(self.one_in):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The refusals that are armed. `injected` counts those that have happened, by name."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.armed: list[Fault] = []
        self.room: int | None = None
        self.read_only = False
        self.slow_s = 0.0
        self.injected: Counter[str] = Counter()

    def any(self) -> bool:
        """Tell whether any can happen."""
        return bool(self.armed or self.slow_s or self.read_only) or self.room is not None

    def clear(self) -> None:
        """Let none happen."""
        self.armed.clear()
        self.room, self.read_only, self.slow_s = None, False, 0.0

    def delay(self, kind: str) -> float:
        """Say how many seconds a step takes."""
        if not self.slow_s or "sync" not in kind:
            return 0.0
        self.injected["slow sync"] += 1
        return self._rng.expovariate(1 / self.slow_s)

    def strike(self, kind: str) -> int:
        """Give the system's number of the error that a step fails with, 0 if it does not."""
        if self.read_only and kind not in _READ_ONLY_LEAVES:
            return self._count(kind, errno.EROFS)
        for fault in self.armed:
            if fault.strikes(kind, self._rng):
                return self._count(kind, fault.number)
        return 0

    def fitting(self, size: int, offset: int, length: int) -> int:
        """Give how much of a write there is room for; the room it takes is gone."""
        if self.room is None:
            return length
        growth = min(max(offset + length - size, 0), length)
        taken = min(growth, self.room)
        self.room -= taken
        if taken < growth:
            self._count("write", errno.ENOSPC)
        return length - growth + taken

    def freed(self, length: int) -> None:
        """Give room back."""
        if self.room is not None:
            self.room += length

    def _count(self, kind: str, number: int) -> int:
        self.injected[f"{kind} {errno.errorcode[number]}"] += 1
        return number
