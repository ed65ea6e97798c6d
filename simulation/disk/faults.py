"""How a disk refuses, and what SQLite's own way to the disk makes of it."""

import errno
import os
from collections import Counter
from collections.abc import Callable
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
_WORDS = {
    apsw.SQLITE_FULL: "database or disk is full",
    apsw.SQLITE_CANTOPEN: "unable to open database file",
}
_ERRORS = (("sync",), ("write",), ("read",), ("read", "write", "sync", "delete"))


def as_sqlite(kind: str, number: int) -> Exception:
    """Give the error that SQLite makes of one of the system's."""
    code = apsw.SQLITE_FULL if (kind, number) == ("write", errno.ENOSPC) else _CODES[kind]
    error = apsw.exception_for(code)
    error.args = (_WORDS.get(code, "disk I/O error"),)
    return error


def as_system(number: int, path: Path) -> OSError:
    """Give the error that Python makes of one of the system's."""
    return OSError(number, os.strerror(number), str(path))


@dataclass(slots=True)
class _Refusal:
    kinds: tuple[str, ...]
    number: int
    times: int | None
    one_in: int

    def strikes(self, kind: str, rng: Random) -> bool:
        if kind not in self.kinds or self.times == 0 or rng.randrange(self.one_in):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """What a disk does to steps until it is mended. `injected` counts what has happened, by name."""

    def __init__(self, rng: Random, changed: Callable[[], None]) -> None:
        self.room: int | None = None
        self.read_only = False
        self.injected: Counter[str] = Counter()
        self.refused = 0
        """How many steps and reads have failed."""
        self._slow_s = 0.0
        self._refusals: list[_Refusal] = []
        self._rng = rng
        self._changed = changed

    def __bool__(self) -> bool:
        return bool(self._refusals or self._slow_s or self.read_only) or self.room is not None

    def refuse(self, *kinds: str, number: int = errno.EIO, times: int | None = 1, one_in: int = 1) -> None:
        """Fail one in so many steps of these kinds, or reads ("read"), so many times (None: for ever)."""
        self._refusals.append(_Refusal(kinds, number, times, one_in))
        self._changed()

    def fill(self, room: int = 0) -> None:
        """Have room for so many bytes more."""
        self.room = room
        self._changed()

    def make_read_only(self) -> None:
        """Refuse every change."""
        self.read_only = True
        self._changed()

    def slow(self, seconds: float) -> None:
        """Take so long for a sync, on average."""
        self._slow_s = seconds
        self._changed()

    def begin(self, how: str) -> None:
        """See Disk.fail."""
        chance = self._rng
        if how == "full":
            self.fill(chance.randrange(64 * 1024))
        elif how == "read-only":
            self.make_read_only()
        elif how == "slow":
            self.slow(chance.choice((0.05, 0.5, 5.0)))
        else:
            self.refuse(*chance.choice(_ERRORS), times=None, one_in=chance.choice((1, 3, 30)))

    def clear(self) -> None:
        """Do nothing any more."""
        self._refusals.clear()
        self.room, self.read_only, self._slow_s = None, False, 0.0
        self._changed()

    def delay(self, kind: str) -> float:
        """Say how many seconds a step takes."""
        if not self._slow_s or "sync" not in kind:
            return 0.0
        self.injected["slow sync"] += 1
        return self._rng.expovariate(1 / self._slow_s)

    def strike(self, kind: str, *, certain: bool = False) -> int:
        """Give the system's number of the error that a step fails with, 0 if it does not."""
        if self.read_only and kind not in _READ_ONLY_LEAVES:
            return self._count(kind, errno.EROFS)
        if certain:
            return self._count(kind, errno.EIO)
        for refusal in self._refusals:
            if refusal.strikes(kind, self._rng):
                return self._count(kind, refusal.number)
        return 0

    def fitting(self, size: int, offset: int, length: int) -> int:
        """Give how much of a write to a file of this size there is room for; the room it takes is gone."""
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
        self.refused += 1
        self.injected[f"{kind} {errno.errorcode[number]}"] += 1
        return number
