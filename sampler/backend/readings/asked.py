"""What an address asks for: names and times."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from litestar import Request

from sampler.backend import instants
from sampler.backend.instants import TICKS_PER_SECOND
from sampler.backend.web import names, paths, queries
from sampler.backend.web.problems import Invalid

AnyRequest = Request[Any, Any, Any]
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def period(query: Mapping[str, str], zone: tzinfo) -> tuple[int, int]:
    """Give the ticks of `from`, and those behind `to`: days are whole, and an instant belongs to the period.

    Days, and times without an offset, are the zone's. Raises Invalid.
    """
    start, _ = queries.required(query, "from", lambda text: _stretch(text, zone))
    last, end = queries.required(query, "to", lambda text: _stretch(text, zone))
    if last < start and end <= start:  # a day that the clocks skip is over when it begins
        raise Invalid({"to": ["It must not be before from."]})
    return start, end


def sensor_in_path(request: AnyRequest, prefix: str) -> str:
    """Give the sensor's name, which is all that follows the prefix. Raises Invalid."""
    name = paths.behind(request, prefix, "sensor")
    return queries.required({"sensor": name}, "sensor", names.sensor)


def _stretch(text: str, zone: tzinfo) -> tuple[int, int]:
    """Give the first tick of a day or instant, and the first behind it."""
    start = instants.parse(queries.time(text), zone)
    if not _DAY.fullmatch(text):
        return start, start + 1
    following = date.fromisoformat(text) + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=zone)
    return start, int(midnight.timestamp()) * TICKS_PER_SECOND
