"""What the disk refuses to read of a spool, and whether for good: nothing is given up for a fault that passes."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sampler.device.spool.log import log_of
from sampler.device.spool.schema import PAGE
from sampler.raw import Raw, Unreadable
from sampler.volume import Volume

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

    def look(self, path: Path, volume: Volume) -> bool:
        """Read all there is, of a file that must not be open.

        False if any of it may yet be read again: it is refused since lately, or all of it is.
        """
        counts, gives_something, refused = self._count(volume.now()), False, {}
        for place, readable in _readable(path, volume):
            gives_something = gives_something or readable
            if not readable:
                refused[place] = self._looks.get(place, 0) + counts
        self._looks = refused
        return (gives_something or not refused) and all(looks >= LOOKS for looks in refused.values())

    def due(self, volume: Volume) -> bool:
        """Tell whether it is time to look again at what was refused.

        Whoever uses the spool does it first: or a page that fails once a month would be given up at the third time.
        """
        return bool(self._looks) and self._is_apart(volume.now())

    def look_again(self, path: Path, volume: Volume) -> None:
        """Read what was refused, of a file that must not be open; forget what is not."""
        counts, found = self._count(volume.now()), _readable(path, volume, self._looks)
        self._looks = {place: self._looks[place] + counts for place, readable in found if not readable}

    def _count(self, now: datetime) -> bool:
        """Tell whether a look at this time counts."""
        if counts := self._is_apart(now):
            self._counted = now
        return counts

    def _is_apart(self, now: datetime) -> bool:
        return self._counted is None or abs(now - self._counted) >= APART


def _readable(
    path: Path, volume: Volume, only: Collection[Place] | None = None
) -> Iterator[tuple[Place, bool]]:
    for in_log in (False, True):
        with volume.raw(log_of(path) if in_log else path) as raw:
            for place in places(in_log=in_log, amount=raw.size, at=0):
                if only is None or place in only:
                    yield place, _gives(raw, place.number)


def _gives(raw: Raw, number: int) -> bool:
    try:
        raw.read(PAGE, number * PAGE)
    except Unreadable:
        return False
    return True
