"""The fields of rows and of questions about them, each read or refused with words for the person who sent it."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from math import isinf
from typing import Any
from zoneinfo import ZoneInfo

from sampler.backend import calendars, instants
from sampler.backend.calendars import By
from sampler.backend.instants import TICKS_PER_SECOND
from sampler.backend.web import queries
from sampler.backend.web.problems import Invalid

_NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_PERIOD = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_BY: dict[int, By] = {4: "year", 7: "month", 10: "day"}

Converter = Callable[[Any], Any]


def read(given: Mapping[str, Any], converters: Mapping[str, Converter], place: str = "") -> dict[str, Any]:
    """Convert those fields that are given. Raises Invalid, which names all that cannot be."""
    found: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name, convert in converters.items():
        if name in given:
            try:
                found[name] = convert(given[name])
            except ValueError as error:
                faults[place + name] = [f"It {error}."]
    if faults:
        raise Invalid(faults)
    return found


def number(text: str) -> float:
    """Read a finite number; a zero has no sign."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("must be a number")
    value = float(text) + 0.0
    if isinf(value):
        raise ValueError("is too large a number")
    return value


def whole(least: int, most: int) -> Callable[[str], int]:
    """Give what reads whole numbers between these two."""

    def convert(text: str) -> int:
        value = int(text) if _WHOLE.fullmatch(text) else least - 1
        if not least <= value <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return value

    return convert


def period(zone: ZoneInfo) -> Callable[[str], tuple[int, int]]:
    """Give what reads a year, month, day or time as what it covers, [start, end) in ticks.

    What names no offset is meant as the clocks of the zone show it.
    """

    def convert(text: str) -> tuple[int, int]:
        if form := _PERIOD.fullmatch(text):
            return _calendar_period(form, zone)
        ticks = instants.parse(queries.time(text), zone)
        return ticks, ticks + 1

    return convert


def _calendar_period(form: re.Match[str], zone: ZoneInfo) -> tuple[int, int]:
    text = form[0]
    instants.parse(f"{text}-01-01"[:10])  # that there is such a day, and in our time
    year, month, day = (int(part or 1) for part in form.groups())
    midnight = datetime(year, month, day, tzinfo=zone)
    bucket = calendars.bucket_of(max(0, int(midnight.timestamp()) * TICKS_PER_SECOND), _BY[len(text)], zone)
    if not bucket.label.startswith(text):  # the clocks skip the whole day
        return bucket.start, bucket.start
    return bucket.start, bucket.end
