"""What an address asks for: names and times."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from litestar import Request

from sampler.backend.instants import TICKS_PER_SECOND
from sampler.backend.readings import times
from sampler.backend.readings.gathering import check_name
from sampler.backend.web.problems import Invalid

AnyRequest = Request[Any, Any, Any]
Result = TypeVar("Result")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# A + in an address that is not written %2B is read as a space.
_PLUS = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)", re.ASCII)


def period(query: Mapping[str, str], zone: tzinfo) -> tuple[int, int]:
    """Give the ticks of `from`, and those behind `to`: days are whole, and an instant belongs to the period.

    Days, and times without an offset, are the zone's. Raises Invalid.
    """
    start, _ = required(query, "from", lambda text: _stretch(text, zone))
    _, end = required(query, "to", lambda text: _stretch(text, zone))
    if end <= start:
        raise Invalid({"to": ["It must not be before from."]})
    return start, end


def required(query: Mapping[str, str], name: str, read: Callable[[str], Result]) -> Result:
    """Read a parameter that must be there. Raises Invalid where `read` raises ValueError."""
    if name not in query:
        raise Invalid({name: ["It is required."]})
    try:
        return read(query[name])
    except ValueError as error:
        raise Invalid({name: [f"It {error}."]}) from error


def optional(query: Mapping[str, str], name: str, read: Callable[[str], Result]) -> Result | None:
    """Read a parameter that may be there."""
    return required(query, name, read) if name in query else None


def sensor_name(text: str) -> str:
    """Give back what can be a sensor's name. Raises ValueError."""
    check_name(text)
    return text


def sensor_in_path(request: AnyRequest, prefix: str) -> str:
    """Give the sensor's name, which is all that follows the prefix, slashes included, but one at the end.

    It is read as it came: the framework's own reading of the path merges slashes. Raises Invalid.
    """
    raw: bytes = request.scope["raw_path"].partition(b"?")[
        0
    ]  # the framework's test client leaves the query there
    name = unquote_to_bytes(raw.removeprefix(prefix.encode()).removesuffix(b"/"))
    try:
        return required({"sensor": name.decode()}, "sensor", sensor_name)
    except UnicodeDecodeError as error:
        raise Invalid({"sensor": ["It must be UTF-8, percent-encoded."]}) from error


def _stretch(text: str, zone: tzinfo) -> tuple[int, int]:
    """Give the first tick of a day or instant, and the first behind it."""
    start, _ = times.parse(_PLUS.sub("+", text), zone)
    if not _DAY.fullmatch(text):
        return start, start + 1
    following = date.fromisoformat(text) + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=zone)
    return start, int(midnight.timestamp()) * TICKS_PER_SECOND
