"""A sensor's statistics since they were last cleared."""

from typing import Any
from urllib.parse import unquote

import msgspec
from litestar import Request, delete, get
from litestar.di import NamedDependency

from sampler.backend.commits import Commits
from sampler.backend.readings import times
from sampler.backend.store import Store
from sampler.backend.store.readings import sensors

AnyRequest = Request[Any, Any, Any]


class SensorStatistics(msgspec.Struct):
    """As the document has them."""

    last_measurement: str | None
    count: int
    avg: float


@get("/statistics/{sensor:path}", sync_to_thread=True, opt={"scope": "read"})
def get_statistics(request: AnyRequest, store: NamedDependency[Store]) -> SensorStatistics:
    """Give count and average of all readings since the last clearing, and the latest of their times."""
    with store.reading() as session:
        sensor = sensors.find(session, _name(request))
    if sensor is None or sensor.last is None:
        return SensorStatistics(None, 0, 0.0)
    last = times.written(sensor.last, sensor.last_offset)
    return SensorStatistics(last, sensor.statistics.count, sensor.statistics.average)


@delete("/statistics/{sensor:path}", status_code=204, opt={"scope": "write:B"})
async def delete_statistics(request: AnyRequest, commits: NamedDependency[Commits]) -> None:
    """Let the statistics start again at nothing."""
    name = _name(request)
    await commits.write(lambda session: sensors.clear(session, name))


def _name(request: AnyRequest) -> str:
    return unquote(request.scope["raw_path"].decode().removeprefix("/statistics/"))
