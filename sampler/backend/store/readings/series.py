"""What a request brings of one sensor."""

from collections.abc import Sequence
from dataclasses import dataclass

from sampler.backend.instants import TICKS_PER_SECOND

TICKS_PER_HOUR = 3600 * TICKS_PER_SECOND


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


def hour_of(time: int) -> int:
    """Give the hour since 1970 that a time in ticks lies in."""
    return time // TICKS_PER_HOUR
