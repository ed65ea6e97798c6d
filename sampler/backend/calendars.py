"""Hours, days, months and years as the clocks of a place have them, as stretches of UTC without gap or overlap."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from sampler.backend.instants import TICKS_PER_SECOND

By = Literal["hour", "day", "month", "year"]

_NONE = timedelta()
_HOUR = 3600
_SECOND = timedelta(seconds=1)
_STRIDE = {"day": timedelta(days=1), "month": timedelta(days=31), "year": timedelta(days=366)}
"""From the first day of one into the next, and never beyond it."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """The readings of [start, end), in ticks of 100 ns since 1970 (UTC)."""

    start: int
    end: int
    label: str
    """What the clock there showed at the start: `2022-03-27T00:00:00+01:00`."""


@cache
def _names() -> set[str]:
    return available_timezones() - {"localtime"}  # on some systems, and on each another zone


def zone(name: str) -> ZoneInfo:
    """Give a zone by its name in the IANA database; raises ValueError with words for the person who named it.

    Only listed names are looked up, so none is a way to another file, or to a zone that counts leap seconds.
    """
    if name not in _names():
        raise ValueError("must be a time zone of the IANA database, such as Europe/Oslo or UTC")
    return ZoneInfo(name)


def buckets(start: int, end: int, by: By, zone: ZoneInfo) -> Iterator[Bucket]:
    """Give, in order, the whole buckets that [start, end) touches: the first may begin before it, the last end after.

    Times are ticks from 1970 on. Ask for no more than you can use: a year has 8 760 hours. To sort readings into
    them, bisect over their starts.

    A day begins when its date is first shown, as java.time has it (LocalDate.atStartOfDay): later than midnight where
    the clocks skip that, not at all where they skip the day; if they go back over midnight, the rest of the old date
    is the new day's. Months and years begin with their first day. An hour begins when the clocks show a full one or
    are changed: where they are changed by half an hour, one of them is a half.
    """
    at = _begin(start // TICKS_PER_SECOND, by, zone)
    while at * TICKS_PER_SECOND < end:
        following = _after(at, by, zone)
        if following * TICKS_PER_SECOND > start:
            yield Bucket(at * TICKS_PER_SECOND, following * TICKS_PER_SECOND, _local(at, zone).isoformat())
        at = following


def bucket_of(instant: int, by: By, zone: ZoneInfo) -> Bucket:
    """Give the bucket that this instant, in ticks, lies in."""
    return next(buckets(instant, instant + 1, by, zone))


def _begin(second: int, by: By, zone: ZoneInfo) -> int:
    """Give the second with which the bucket of this one begins; after a change of clocks it may be one before that."""
    if by != "hour":
        return _first_shown(_first_day(_local(second, zone).date(), by), zone)
    return second - (second + _offset(second, zone)) % _HOUR


def _after(begin: int, by: By, zone: ZoneInfo) -> int:
    """Give the second with which the bucket ends that begins with this one."""
    if by == "hour":
        offset = _offset(begin, zone)
        full = begin + _HOUR - (begin + offset) % _HOUR
        return full if _offset(full, zone) == offset else _change(begin, full, zone)
    day = _local(begin, zone).date()
    while (found := _first_shown(day := _first_day(day + _STRIDE[by], by), zone)) <= begin:
        pass  # a day that the clocks skip
    return found


def _first_day(day: date, by: By) -> date:
    """Give the first day of the day's month or year."""
    return date(day.year, 1 if by == "year" else day.month, day.day if by == "day" else 1)


def _first_shown(day: date, zone: ZoneInfo) -> int:
    """Give the second at which clocks first show this date or a later one."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    first, second = int(midnight.timestamp()), int(midnight.replace(fold=1).timestamp())
    # PEP 495: a midnight that comes twice has its first time first, one that is skipped lies around the change.
    return first if first <= second else _change(second, first, zone)


def _change(low: int, high: int, zone: ZoneInfo) -> int:
    """Give the second in (low, high] from which on the clocks are another time ahead of UTC than at low."""
    offset, seconds = _offset(low, zone), range(low + 1, high)
    return low + 1 + bisect_left(seconds, 1, key=lambda second: _offset(second, zone) != offset)


def _offset(second: int, zone: ZoneInfo) -> int:
    return (_local(second, zone).utcoffset() or _NONE) // _SECOND


def _local(second: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(second, zone)
