"""A sensor's statistics, since they were last cleared or of a range."""

from typing import Any

import msgspec
from litestar import Response, delete, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from sampler.backend.commits import Commits
from sampler.backend.readings import asked, buckets, times
from sampler.backend.readings.asked import AnyRequest
from sampler.backend.settings import Settings
from sampler.backend.store import Session, Store
from sampler.backend.store.readings import deleting, sensors

_PLACE = "/statistics/"
_YES_OR_NO = {"true": True, "false": False}


class SensorStatistics(msgspec.Struct):
    """As the document has them."""

    last_measurement: str | None
    count: int
    avg: float


# A name may hold a slash, so what follows it is told apart here and not by the framework.
@get("/statistics/{sensor:path}", sync_to_thread=True, opt={"scope": "read"})
def get_statistics(
    request: AnyRequest, store: NamedDependency[Store], settings: NamedDependency[Settings]
) -> Response[Any]:
    """Give count and average of all readings since the last clearing, and the latest of their times."""
    match asked.below(request, _PLACE):
        case [name]:
            return Response(_statistics(store, _checked(name)))
        case [name, "buckets"]:
            return Response(buckets.answer(store, _checked(name), request.query_params, settings.zone))
    raise NotFoundException


@delete("/statistics/{sensor:path}", status_code=204, opt={"scope": "write:B"})
async def delete_statistics(request: AnyRequest, commits: NamedDependency[Commits]) -> None:
    """Let the statistics start again at nothing; with `?readings=true` the readings are deleted, too."""
    match asked.below(request, _PLACE):
        case [name]:
            _checked(name)
        case _:
            raise NotFoundException
    too = asked.optional(request.query_params, "readings", _yes_or_no)

    def work(session: Session) -> None:
        (deleting.delete if too else sensors.clear)(session, name)

    await commits.write(work)


def _statistics(store: Store, name: str) -> SensorStatistics:
    with store.reading() as session:
        sensor = sensors.find(session, name)
    if sensor is None or sensor.last is None:
        return SensorStatistics(None, 0, 0.0)
    last = times.written(sensor.last, sensor.last_offset)
    return SensorStatistics(last, sensor.statistics.count, sensor.statistics.average)


def _checked(name: str) -> str:
    return asked.required({"sensor": name}, "sensor", asked.sensor_name)


def _yes_or_no(text: str) -> bool:
    if text not in _YES_OR_NO:
        raise ValueError("must be true or false")
    return _YES_OR_NO[text]
