"""Times as whole ticks of 100 ns since 1970 in UTC: what .NET writes and reads, without rounding."""

import re
import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

TICKS_PER_SECOND = 10_000_000
TICKS_PER_HOUR = 3600 * TICKS_PER_SECOND
TICKS_PER_DAY = 24 * TICKS_PER_HOUR
END_S = 7_258_118_400
"""The first second of 2200."""
END = END_S * TICKS_PER_SECOND

_TICKS_PER_MILLISECOND = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_OFFSET = r"([Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?"
_FORM = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d):(\d\d)(?:[.,](\d{1,30}))?" + _OFFSET, re.ASCII)
_SHORT = re.compile(r"(\d{4}-\d\d-\d\d)(?:([Tt ]\d\d:\d\d)" + _OFFSET + ")?", re.ASCII)


def now() -> int:
    """Give the wall clock's time, in whole milliseconds."""
    return time.time_ns() // 1_000_000 * _TICKS_PER_MILLISECOND


def parse(text: str, zone: tzinfo = UTC) -> int:
    """Read an ISO 8601 time: the ticks of `parse_local`. Raises ValueError."""
    return parse_local(text, zone)[0]


def parse_local(text: str, zone: tzinfo) -> tuple[int, int]:
    """Read an ISO 8601 time between 1970 and 2200 (exclusive): its ticks, and the seconds east of UTC.

    What names no offset is a time of the zone: of an hour that comes twice the first, and in an hour that the clocks
    skip, as they stood before. Without a time of day it is midnight. Digits behind the seventh are cut off, as .NET
    does. Raises ValueError with words for the person who sent it.
    """
    form = _FORM.fullmatch(text)
    if form:
        minute, seconds, fraction, offset = form.groups(default="")
    elif short := _SHORT.fullmatch(text):
        day, time_of_day, offset = short.groups(default="")
        minute, seconds, fraction = day + (time_of_day or "T00:00"), "00", ""
    else:
        raise ValueError("must be an ISO 8601 time such as 2021-04-12T20:20:20.000Z")
    began, east = _minute(minute, offset, zone)
    if seconds > "59":
        raise ValueError(f"is no date and time that exists: second {seconds}")
    ticks = (began + int(seconds)) * TICKS_PER_SECOND
    if fraction:
        ticks += int(fraction[:7].ljust(7, "0"))
    if not 0 <= ticks < END:
        raise ValueError("must lie between 1970 and 2200")
    return ticks, east


@lru_cache(maxsize=4096)  # times that come together are of few minutes
def _minute(text: str, offset: str, zone: tzinfo) -> tuple[int, int]:
    """Give the seconds since 1970 at which the minute begins, and those east of UTC."""
    try:
        minute = datetime.fromisoformat(text.upper() + offset.upper())
        local = minute if minute.tzinfo else minute.replace(tzinfo=zone)
        east = local.utcoffset() or timedelta()
        return (local - _EPOCH) // _SECOND, east // _SECOND
    except (ValueError, OverflowError) as error:
        raise ValueError(f"is no date and time that exists: {error}") from error


def iso(ticks: int) -> str:
    """Write `2021-04-12T20:20:20.000Z`, with seven digits where three do not hold it."""
    long = round_trip(ticks)
    return long if ticks % _TICKS_PER_MILLISECOND else long[:-5] + "Z"


def round_trip(ticks: int) -> str:
    """Write .NET's "o" form: `2021-04-12T20:20:20.0000000Z`."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{fraction:07}Z"


def local_iso(ticks: int, east: int) -> str:
    """Write `2021-11-09T21:38:09+01:00`, with three, six or seven digits behind the second where they are needed.

    The offset is one of whole minutes, as no other can be written (RFC 3339, 5.6): Monrovia had one until 1972.
    """
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    local = (_EPOCH + timedelta(seconds=seconds)).astimezone(timezone(timedelta(minutes=east // 60)))
    if not fraction:
        return local.isoformat()
    digits = f"{fraction:07}"
    length = next(length for length in (3, 6, 7) if not digits[length:].strip("0"))
    return f"{local:%Y-%m-%dT%H:%M:%S}.{digits[:length]}{local.isoformat()[19:]}"
