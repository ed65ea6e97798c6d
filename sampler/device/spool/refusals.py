"""What the disk refuses to read of a spool, and whether for good: nothing is given up for a fault that passes."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import apsw

from sampler.device.spool.log import log_of
from sampler.device.spool.raw import Raw
from sampler.device.spool.schema import PAGE

LOOKS = 3
"""At so many looks, and at all in between, a place must have been refused to be given up."""
APART = timedelta(seconds=30)
"""Looks that are closer together count as one.

So it takes a minute, in which keeping asks twelve times: a card that is reset is back within seconds, and a minute of
windows has room in memory. A step of the wall clock takes one interval off it, not all.
"""


class Place(NamedTuple):
    """A page's length of bytes, counted from the beginning of the file or of its log."""

    in_log: bool
    number: int


def places(*, in_log: bool, amount: int, at: int) -> Iterator[Place]:
    """Give the places on which so many bytes lie."""
    return (Place(in_log, number) for number in range(at // PAGE, -(-(at + amount) // PAGE)))


class Refusals:
    """The places that could not be read at the last look, each with the looks that have found it so."""

    def __init__(self) -> None:
        self._looks: dict[Place, int] = {}
        self._counted: datetime | None = None

    @property
    def places(self) -> frozenset[Place]:
        """Those that could not be read at the last look."""
        return frozenset(self._looks)

    def look(self, path: Path, vfs: str | None, now: datetime) -> bool:
        """Read all there is. False if any of it may yet be read again: it is refused since lately, or all of it is."""
        counts, gives_something, refused = self._count(now), False, {}
        for place, readable in _readable(path, vfs):
            gives_something = gives_something or readable
            if not readable:
                refused[place] = self._looks.get(place, 0) + counts
        self._looks = refused
        return (gives_something or not refused) and all(looks >= LOOKS for looks in refused.values())

    def look_again(self, path: Path, vfs: str | None, now: datetime) -> None:
        """Read, now and then, what was refused; forget what is not.

        Whoever uses the spool does it first: or a page that fails once a month would be given up at the third time.
        """
        if self._count(now):
            found = _readable(path, vfs, self._looks)
            self._looks = {place: self._looks[place] + 1 for place, readable in found if not readable}

    def _count(self, now: datetime) -> bool:
        """Tell whether a look at this time counts."""
        counts = self._counted is None or abs(now - self._counted) >= APART
        self._counted = now if counts else self._counted
        return counts


def _readable(
    path: Path, vfs: str | None, only: Collection[Place] | None = None
) -> Iterator[tuple[Place, bool]]:
    for in_log in (False, True):
        with Raw(log_of(path) if in_log else path, vfs, log=in_log) as raw:
            for place in places(in_log=in_log, amount=raw.size, at=0):
                if only is None or place in only:
                    yield place, _gives(raw, place.number)


def _gives(raw: Raw, number: int) -> bool:
    try:
        raw.read(PAGE, number * PAGE)
    except apsw.IOError:
        return False
    return True
