"""Times as whole ticks of 100 ns since 1970 in UTC: what .NET writes and reads, without rounding."""

import re
import time
from datetime import UTC, datetime, timedelta

TICKS_PER_SECOND = 10_000_000
_TICKS_PER_MILLISECOND = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,16}))?)?([Zz]|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)


def now() -> int:
    """Give the wall clock's time, in whole milliseconds."""
    return time.time_ns() // 1_000_000 * _TICKS_PER_MILLISECOND


def parse(text: str) -> int:
    """Read an ISO 8601 time between 1970 and 2200 (exclusive).

    An offset is applied; without one, or without a time of day, it is UTC. Digits behind the seventh
    are cut off, as .NET does. Raises ValueError with words for the person who sent it.
    """
    form = _FORM.fullmatch(text)
    if not form:
        raise ValueError("must be an ISO 8601 time such as 2021-04-12T20:20:20.000Z")
    day, minutes, seconds, fraction, zone = form.groups(default="")
    try:
        whole = datetime.fromisoformat(f"{day}T{minutes or '00:00'}:{seconds or '00'}{zone.upper() or 'Z'}")
    except ValueError as error:
        raise ValueError(f"is no date and time that exists: {error}") from error
    # Whole seconds apart from the fraction, because a datetime holds only six of the seven digits.
    ticks = (whole - _EPOCH) // timedelta(seconds=1) * TICKS_PER_SECOND + int(fraction[:7].ljust(7, "0"))
    if not 0 <= ticks < _END:
        raise ValueError("must lie between 1970 and 2200")
    return ticks


def iso(ticks: int) -> str:
    """Write `2021-04-12T20:20:20.000Z`, with seven digits where three do not hold it."""
    long = round_trip(ticks)
    return long if ticks % _TICKS_PER_MILLISECOND else long[:-5] + "Z"


def round_trip(ticks: int) -> str:
    """Write .NET's "o" form: `2021-04-12T20:20:20.0000000Z`."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{fraction:07}Z"


_END = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(seconds=1) * TICKS_PER_SECOND
