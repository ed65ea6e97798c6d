"""Which sensors there are."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from sampler.backend.readings import statistics
from sampler.backend.readings.asked import AnyRequest
from sampler.backend.store import Store
from sampler.backend.store.readings.sensors import Sensor, by_name
from sampler.backend.web import names, paging, queries

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


class ListedSensor(msgspec.Struct):
    """A sensor's name and its statistics since they were last cleared."""

    name: str
    last_measurement: str | None
    count: int
    avg: float


@get("/sensors", sync_to_thread=True, opt={"scope": "read"})
def get_sensors(
    request: AnyRequest,
    store: NamedDependency[Store],
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Response[list[ListedSensor]]:
    """List the sensors by their names; where there are more than `limit`, the header `Link` names the next page."""
    after = queries.optional(queries.single(request), "after", names.sensor) or ""
    with store.reading() as session:
        found = by_name(session, after, limit + 1)
    headers = None
    if len(found) > limit:
        headers = paging.next_page(request, after=found[limit - 1].name)
    return Response([listed(sensor) for sensor in found[:limit]], headers=headers)


def listed(sensor: Sensor) -> ListedSensor:
    """Write what is told of a sensor."""
    return ListedSensor(
        sensor.name, statistics.last(sensor), sensor.statistics.count, sensor.statistics.average
    )
