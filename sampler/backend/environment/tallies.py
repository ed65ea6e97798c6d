"""Tallies of rows, as clients read them."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency

from sampler.backend.calendars import By
from sampler.backend.environment import aggregates, fields, filters
from sampler.backend.environment.aggregates import Tally
from sampler.backend.environment.filters import Query
from sampler.backend.environment.long_reads import LongReads
from sampler.backend.statistics import Statistics
from sampler.backend.store import Session, Store
from sampler.backend.store.environment import rows as table
from sampler.backend.store.environment.rows import Wanted
from sampler.backend.web import queries
from sampler.backend.web.problems import Invalid

MAX_ROWS = 2_000_000
MAX_TALLIES = 10_000
BY: Mapping[str, By] = {
    "hourly": "hour",
    "daily": "day",
    "monthly": "month",
    "yearly": "year",
    "hour": "hour",
    "day": "day",
    "month": "month",
    "year": "year",
}


class Summary(msgspec.Struct):
    """Of one field."""

    min: float
    max: float
    mean: float


class BucketTally(msgspec.Struct):
    """Of all rows of an hour, day, month or year; `timestamp` is its begin, as the clocks of the place show it."""

    timestamp: str
    count: int
    temperature: Summary
    humidity: Summary
    pressure: Summary


class SensorTally(BucketTally):
    """Of one sensor's rows only."""

    sensor_id: str


class Tallies(msgspec.Struct):
    """Those that have rows, oldest first."""

    by: By
    tz: str
    data: list[BucketTally]


@get("/v1/data/aggregate")
async def get_aggregate(
    request: Request[Any, Any, Any],
    user: NamedDependency[int],
    store: NamedDependency[Store],
    long_reads: NamedDependency[LongReads],
) -> Tallies:
    """Tally the user's rows by hour, day, month or year."""
    query = queries.single(request)
    return await long_reads.run(_tallies, store, filters.wanted(query, user), query)


def _tallies(store: Store, wanted: Wanted, query: Query) -> Tallies:
    by = fields.read({"by": "day", **query}, {"by": queries.one_of(BY)})["by"]
    zone = filters.zone(query)
    found: list[BucketTally] = []
    with reading(store, wanted) as session:
        for tally in aggregates.by_time(table.by_time(session, wanted), by, zone):
            if len(found) == MAX_TALLIES:
                raise Invalid(
                    {"by": [f"It makes more than {MAX_TALLIES}: ask for a shorter range, or longer ones."]}
                )
            found.append(BucketTally(*_parts(tally)))
    return Tallies(by, zone.key, found)


@contextlib.contextmanager
def reading(store: Store, wanted: Wanted) -> Iterator[Session]:
    """Read rows, if they are not too many. Raises Invalid."""
    with store.reading() as session:
        if table.count(session, wanted) > MAX_ROWS:
            raise Invalid({"start_date": [f"There are more than {MAX_ROWS} rows: ask for a shorter range."]})
        yield session


def of_sensor(tally: Tally) -> SensorTally:
    """Give a sensor's tally to clients."""
    return SensorTally(*_parts(tally), sensor_id=tally.sensor or "")


def _parts(tally: Tally) -> tuple[str, int, Summary, Summary, Summary]:
    temperature, humidity, pressure = map(_summary, tally.statistics())
    return tally.bucket.label, tally.statistics()[0].count, temperature, humidity, pressure


def _summary(of: Statistics) -> Summary:
    return Summary(of.min, of.max, of.average)
