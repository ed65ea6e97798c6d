"""A sensor's statistics by the hours, days, months or years of a place."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
from litestar import get
from litestar.di import NamedDependency

from sampler.backend import calendars
from sampler.backend.calendars import Bucket, By
from sampler.backend.instants import TICKS_PER_SECOND
from sampler.backend.readings import asked
from sampler.backend.readings.asked import AnyRequest
from sampler.backend.settings import Settings
from sampler.backend.store import Store
from sampler.backend.store.readings import sensors
from sampler.backend.store.readings.totals import Total, extent, totals
from sampler.backend.web import queries
from sampler.backend.web.problems import Invalid

MAX_BUCKETS = 10_000
_PLACE = "/buckets/"
_BY: dict[str, By] = {by: by for by in get_args(By)}
_EVER = {"from": "1970-01-01T00:00Z", "to": "2199-12-31T23:59:59.9999999Z"}


class BucketStatistics(msgspec.Struct):
    """The readings from start on and before end."""

    start: str
    end: str
    count: int
    sum: float
    min: float | None
    max: float | None
    avg: float
    complete: bool
    """Not where the edges cut an hour whose readings have expired: these are not counted then."""


class Buckets(msgspec.Struct):
    """Those with readings, in order."""

    sensor: str
    by: str
    tz: str
    buckets: list[BucketStatistics]


@get("/buckets/{sensor:path}", sync_to_thread=True, opt={"scope": "read"})
def get_buckets(
    request: AnyRequest, store: NamedDependency[Store], settings: NamedDependency[Settings]
) -> Buckets:
    """Give the statistics of [from, to] by hour, day, month or year of the zone `tz`, cleared or not."""
    name, query = asked.sensor_in_path(request, _PLACE), queries.single(request)
    by = queries.required(query, "by", queries.one_of(_BY))
    zone = queries.optional(query, "tz", calendars.zone) or calendars.zone(settings.zone)
    start, end = asked.period({**_EVER, **query}, zone)
    found = _found(store, name, start, end, lambda first, last: _cut(first, last, by, zone))
    return Buckets(name, by, zone.key, [_written(*one, zone) for one in found if _is_worth_telling(one[1])])


def _found(
    store: Store, name: str, start: int, end: int, cut: Callable[[int, int], Sequence[Bucket]]
) -> Iterable[tuple[Bucket, Total]]:
    """Give the buckets of [start, end), as far as there are readings, with what is of that stretch."""
    with store.reading() as session:
        sensor = sensors.find(session, name)
        readings = extent(session, sensor) if sensor else None
        if not sensor or not readings:
            return []
        first, behind = max(start, readings[0]), min(end, readings[1] + 1)
        if behind <= first:
            return []
        found = cut(first, behind)
        edges = [first, *(bucket.start for bucket in found[1:]), behind]
        return zip(found, totals(session, sensor, edges), strict=True)


def _cut(first: int, behind: int, by: By, zone: ZoneInfo) -> Sequence[Bucket]:
    found = [*islice(calendars.buckets(first, behind, by, zone), MAX_BUCKETS + 1)]
    if len(found) > MAX_BUCKETS:
        raise Invalid(
            {"by": [f"It makes more than {MAX_BUCKETS} buckets: ask for longer ones, or for less time."]}
        )
    return found


def _is_worth_telling(total: Total) -> bool:
    return bool(total.statistics.count) or not total.complete


def _written(bucket: Bucket, total: Total, zone: ZoneInfo) -> BucketStatistics:
    statistics = total.statistics
    return BucketStatistics(
        start=bucket.label,
        end=datetime.fromtimestamp(bucket.end // TICKS_PER_SECOND, zone).isoformat(),
        count=statistics.count,
        sum=statistics.sum,
        min=statistics.min if statistics.count else None,
        max=statistics.max if statistics.count else None,
        avg=statistics.average,
        complete=total.complete,
    )
