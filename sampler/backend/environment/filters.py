"""A question's query -> which rows are asked for, and which page of them."""

from collections.abc import Mapping
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from sampler.backend import calendars
from sampler.backend.environment import fields
from sampler.backend.store import HIGHEST
from sampler.backend.store.environment.rows import Limits, Wanted
from sampler.backend.web import names
from sampler.backend.web.problems import Invalid

DEFAULT_PER_PAGE = 100
MAX_PER_PAGE = 1000
MAX_PAGE = 10**9
FIELDS = ("temperature", "humidity", "pressure")
_UTC = ZoneInfo("UTC")
_NUMBERS: dict[str, fields.Converter] = {
    f"{bound}_{field}": fields.number for bound in ("min", "max") for field in FIELDS
}
_PAGES = {"page": fields.whole(1, MAX_PAGE), "per_page": fields.whole(1, MAX_PER_PAGE)}

Query = Mapping[str, str]


class Pagination(msgspec.Struct):
    """Where a page stands among all; pages count from 1."""

    total: int
    pages: int
    current_page: int
    next_page: int | None
    prev_page: int | None
    per_page: int


class Page(msgspec.Struct, frozen=True):
    """Which page is asked for."""

    number: int = 1
    size: int = DEFAULT_PER_PAGE

    @property
    def skipped(self) -> int:
        """How many come before it."""
        return (self.number - 1) * self.size

    def of(self, total: int) -> Pagination:
        """Place it among so many."""
        pages = -(-total // self.size)
        following = self.number + 1 if self.number < pages else None
        before = min(self.number - 1, pages) or None
        return Pagination(total, pages, self.number, following, before, self.size)


def zone(query: Query) -> ZoneInfo:
    """Read `tz`, UTC if it is not there. Raises Invalid."""
    named: ZoneInfo = fields.read(query, {"tz": calendars.zone}).get("tz", _UTC)
    return named


def page(query: Query) -> Page:
    """Read `page` and `per_page`. Raises Invalid."""
    found = fields.read(query, _PAGES)
    return Page(found.get("page", 1), found.get("per_page", DEFAULT_PER_PAGE))


def wanted(query: Query, user: int) -> Wanted:
    """Read which of the user's rows are asked for. Raises Invalid."""
    period = fields.period(zone(query))
    periods = dict.fromkeys(("start_date", "start_time", "end_date", "end_time"), period)
    found = fields.read(query, {"sensor_id": names.sensor, **periods, **_NUMBERS})
    start, end = _range(found)
    return Wanted(user, found.get("sensor_id"), start, end, _limits(found))


def _range(found: Mapping[str, Any]) -> tuple[int, int]:
    start, end = _one_of_both(found, "start"), _one_of_both(found, "end")
    if start and end and end[0] < start[0] and end[1] <= start[0]:
        raise Invalid(
            {"end_date" if "end_date" in found else "end_time": ["It must not be before the start."]}
        )
    return start[0] if start else 0, end[1] if end else HIGHEST


def _one_of_both(found: Mapping[str, Any], which: str) -> tuple[int, int] | None:
    date, time = f"{which}_date", f"{which}_time"
    if date in found and time in found:
        raise Invalid({time: [f"It means the same as {date}: give one of them."]})
    return found.get(date) or found.get(time)


def _limits(found: Mapping[str, Any]) -> Limits:
    limits = {field: _limit(found, field) for field in FIELDS}
    wrong = {
        f"max_{field}": [f"It must not be less than min_{field}."]
        for field, (least, most) in limits.items()
        if least > most
    }
    if wrong:
        raise Invalid(wrong)
    return Limits(**limits)


def _limit(found: Mapping[str, Any], field: str) -> tuple[float, float]:
    return found.get(f"min_{field}", -inf), found.get(f"max_{field}", inf)
