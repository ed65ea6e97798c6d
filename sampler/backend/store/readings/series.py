"""What a request brings of one sensor."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from sampler.backend.instants import TICKS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one sensor in the order in which they came: times in ticks of 100 ns since 1970, finite values."""

    name: str
    times: Sequence[int]
    values: Sequence[float]
    last: int
    """The latest of the times."""
    last_offset: int
    """The seconds east of UTC in which that one was written; of several the one that came last."""


def joined(parts: Sequence[Series]) -> Series:
    """Make one of what several requests bring of the same sensor, in the order in which they came."""
    if len(parts) == 1:
        return parts[0]
    latest = max(reversed(parts), key=lambda part: part.last)  # of several at one time the last that came
    times, values = array("q"), array("d")
    for part in parts:
        times.extend(part.times)
        values.extend(part.values)
    return Series(parts[0].name, times, values, latest.last, latest.last_offset)


def hour_of(time: int) -> int:
    """Give the hour since 1970 that a time in ticks lies in."""
    return time // TICKS_PER_HOUR
