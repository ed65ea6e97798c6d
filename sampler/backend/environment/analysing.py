"""How one sensor's fields go with time and with each other."""

from itertools import combinations
from typing import Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency

from sampler.backend.environment import analysis, filters, tallies
from sampler.backend.environment.analysis import FIELDS, TIME, Moments
from sampler.backend.environment.filters import Query
from sampler.backend.environment.long_reads import LongReads
from sampler.backend.store import Store
from sampler.backend.store.environment import rows as table
from sampler.backend.store.environment.rows import Wanted
from sampler.backend.web import queries
from sampler.backend.web.problems import Invalid

AnyRequest = Request[Any, Any, Any]


class FieldTrend(msgspec.Struct):
    """The least squares line of a field over time; null where all rows are of one time.

    Of a field that stays the same the slopes are 0, and r_squared is null.
    """

    slope_per_hour: float | None
    slope_per_day: float | None
    r_squared: float | None


class Trend(msgspec.Struct):
    """How a sensor's fields go with time."""

    sensor_id: str
    count: int
    temperature: FieldTrend | None
    humidity: FieldTrend | None
    pressure: FieldTrend | None


class Correlation(msgspec.Struct):
    """Pearson's r of each two fields; null where one of them does not vary."""

    sensor_id: str
    count: int
    temperature_humidity: float | None
    temperature_pressure: float | None
    humidity_pressure: float | None


@get("/v1/analysis/trend")
async def get_trend(
    request: AnyRequest,
    user: NamedDependency[int],
    store: NamedDependency[Store],
    long_reads: NamedDependency[LongReads],
) -> Trend:
    """Give the slope of each field of one sensor."""
    wanted = of_one_sensor(queries.single(request), user)
    found = await long_reads.run(_moments, store, wanted)
    trends = (_trend(found, place) if found else None for place in FIELDS)
    return Trend(wanted.sensor or "", found.count if found else 0, *trends)


@get("/v1/analysis/correlation")
async def get_correlation(
    request: AnyRequest,
    user: NamedDependency[int],
    store: NamedDependency[Store],
    long_reads: NamedDependency[LongReads],
) -> Correlation:
    """Say how two fields of one sensor go together."""
    wanted = of_one_sensor(queries.single(request), user)
    found = await long_reads.run(_moments, store, wanted)
    pairs = (found.correlation(*pair) if found else None for pair in combinations(FIELDS, 2))
    return Correlation(wanted.sensor or "", found.count if found else 0, *pairs)


def of_one_sensor(query: Query, user: int) -> Wanted:
    """Read which rows of which sensor are asked for. Raises Invalid."""
    wanted = filters.wanted(query, user)
    if wanted.sensor is None:
        raise Invalid({"sensor_id": ["It is required."]})
    return wanted


def _moments(store: Store, wanted: Wanted) -> Moments | None:
    with tallies.reading(store, wanted) as session:
        return analysis.moments(table.by_time(session, wanted))


def _trend(found: Moments, field: int) -> FieldTrend:
    slope, r = found.slope(field), found.correlation(TIME, field)
    return FieldTrend(slope, None if slope is None else slope * 24, None if r is None else r * r)
