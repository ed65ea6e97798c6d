"""ISO 8601 times with the offset in which they are written, and back."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from sampler.backend.instants import TICKS_PER_SECOND

END = 7_258_118_400 * TICKS_PER_SECOND
"""The first instant of 2200."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_OFFSET = r"([Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?"
_FORM = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d):(\d\d)(?:[.,](\d{1,30}))?" + _OFFSET, re.ASCII)
_SHORT = re.compile(r"(\d{4}-\d\d-\d\d)(?:([Tt ]\d\d:\d\d)" + _OFFSET + ")?", re.ASCII)


def parse(text: str, zone: tzinfo) -> tuple[int, int]:
    """Read a time between 1970 and 2200 (exclusive): ticks of 100 ns since 1970, and the seconds east of UTC.

    What names no offset is a time of the zone: of an hour that comes twice the first, and in an hour that the clocks
    skip, as they stood before. Without a time of day it is midnight. Digits behind the seventh are cut off.
    Raises ValueError with words for the person who sent it.
    """
    form = _FORM.fullmatch(text)
    if form:
        minute, seconds, fraction, offset = form.groups(default="")
    elif short := _SHORT.fullmatch(text):
        day, time, offset = short.groups(default="")
        minute, seconds, fraction = day + (time or "T00:00"), "00", ""
    else:
        raise ValueError("must be an ISO 8601 time such as 2021-11-09T21:38:11+00:00")
    began, east = _minute(minute, offset, zone)
    if seconds > "59":
        raise ValueError(f"is no date and time that exists: second {seconds}")
    ticks = (began + int(seconds)) * TICKS_PER_SECOND
    if fraction:
        ticks += int(fraction[:7].ljust(7, "0"))
    if not 0 <= ticks < END:
        raise ValueError("must lie between 1970 and 2200")
    return ticks, east


@lru_cache(maxsize=4096)  # readings that come together are of few minutes
def _minute(text: str, offset: str, zone: tzinfo) -> tuple[int, int]:
    """Give the seconds since 1970 at which the minute begins, and those east of UTC."""
    try:
        minute = datetime.fromisoformat(text.upper() + offset.upper())
        local = minute if minute.tzinfo else minute.replace(tzinfo=zone)
        east = local.utcoffset() or timedelta()
        return (local - _EPOCH) // _SECOND, east // _SECOND
    except (ValueError, OverflowError) as error:
        raise ValueError(f"is no date and time that exists: {error}") from error


def written(ticks: int, east: int) -> str:
    """Write `2021-11-09T21:38:09+01:00`, with three, six or seven digits behind the second where they are needed."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    local = (_EPOCH + timedelta(seconds=seconds)).astimezone(timezone(timedelta(seconds=east)))
    if not fraction:
        return local.isoformat()
    digits = f"{fraction:07}"
    length = next(length for length in (3, 6, 7) if not digits[length:].strip("0"))
    return f"{local:%Y-%m-%dT%H:%M:%S}.{digits[:length]}{local.isoformat()[19:]}"
