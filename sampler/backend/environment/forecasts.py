"""What one sensor's fields may be in the hours to come."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency

from sampler.backend import instants
from sampler.backend.environment import aggregates, fields, forecasting, tallies
from sampler.backend.environment.analysing import of_one_sensor
from sampler.backend.environment.long_reads import LongReads
from sampler.backend.instants import TICKS_PER_HOUR
from sampler.backend.store import Store
from sampler.backend.store.environment import rows as table
from sampler.backend.store.environment.rows import Wanted
from sampler.backend.web import queries

MAX_HOURS = 168
DEFAULT_HOURS = 24
_LEARNED_FROM = 28 * 24 * TICKS_PER_HOUR
_UTC = ZoneInfo("UTC")


class FieldForecast(msgspec.Struct):
    """The hourly means to be expected, by which method, and its mean absolute error on the last day."""

    method: str
    mean_absolute_error: float
    values: list[float]


class Forecast(msgspec.Struct):
    """The fields' means in the hours to come; null if there are too few rows to try a method on."""

    sensor_id: str
    hours: list[str]
    temperature: FieldForecast | None
    humidity: FieldForecast | None
    pressure: FieldForecast | None


@get("/v1/analysis/forecast")
async def get_forecast(
    request: Request[Any, Any, Any],
    user: NamedDependency[int],
    store: NamedDependency[Store],
    long_reads: NamedDependency[LongReads],
) -> Forecast:
    """Continue the hourly means of one sensor's fields, learned from the last 28 days of the rows asked for."""
    query = queries.single(request)
    hours = fields.read(query, {"hours": fields.whole(1, MAX_HOURS)})
    wanted = of_one_sensor(query, user)
    return await long_reads.run(_forecast, store, wanted, hours.get("hours", DEFAULT_HOURS))


def _forecast(store: Store, wanted: Wanted, hours: int) -> Forecast:
    means: list[dict[int, float]] = [{}, {}, {}]
    with tallies.reading(store, wanted) as session:
        last = table.last_time(session, wanted)
        if last is None:
            return Forecast(wanted.sensor or "", [], None, None, None)
        learned = replace(wanted, start=max(wanted.start, last - _LEARNED_FROM))
        for tally in aggregates.by_time(table.by_time(session, learned), "hour", _UTC):
            for of_field, statistics in zip(means, tally.statistics(), strict=True):
                of_field[tally.bucket.start // TICKS_PER_HOUR] = statistics.average
    first = last // TICKS_PER_HOUR + 1
    named = [instants.iso(hour * TICKS_PER_HOUR) for hour in range(first, first + hours)]
    return Forecast(wanted.sensor or "", named, *(_continued(of_field, hours) for of_field in means))


def _continued(means: dict[int, float], hours: int) -> FieldForecast | None:
    found = forecasting.forecast(means, hours)
    return FieldForecast(found.method, found.error, found.values) if found else None
