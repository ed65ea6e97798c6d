"""A sensor's statistics since they were last cleared."""

import msgspec
from litestar import delete, get
from litestar.di import NamedDependency

from sampler.backend import instants
from sampler.backend.commits import Commits
from sampler.backend.readings import asked
from sampler.backend.readings.asked import AnyRequest
from sampler.backend.store import Session, Store
from sampler.backend.store.readings import deleting, sensors
from sampler.backend.store.readings.sensors import Sensor
from sampler.backend.web import queries

_PLACE = "/statistics/"
_YES_OR_NO = {"true": True, "false": False, "1": True, "0": False}


class SensorStatistics(msgspec.Struct):
    """As the document has them."""

    last_measurement: str | None
    count: int
    avg: float


# A name may hold slashes.
@get("/statistics/{sensor:path}", sync_to_thread=True, opt={"scope": "read"})
def get_statistics(request: AnyRequest, store: NamedDependency[Store]) -> SensorStatistics:
    """Give count and average of all readings since the last clearing, and the latest of their times."""
    name = asked.sensor_in_path(request, _PLACE)
    with store.reading() as session:
        sensor = sensors.find(session, name)
    if sensor is None:
        return SensorStatistics(None, 0, 0.0)
    return SensorStatistics(last(sensor), sensor.statistics.count, sensor.statistics.average)


def last(sensor: Sensor) -> str | None:
    """Write the latest of the sensor's times, in the offset with which it came; None if there is none."""
    return None if sensor.last is None else instants.local_iso(sensor.last, sensor.last_offset)


@delete("/statistics/{sensor:path}", status_code=204, opt={"scope": "write:B"})
async def delete_statistics(request: AnyRequest, commits: NamedDependency[Commits]) -> None:
    """Let the statistics start again at nothing; with `?readings=true` the readings are deleted, too."""
    name = asked.sensor_in_path(request, _PLACE)
    with_readings = queries.optional(queries.single(request), "readings", _yes_or_no)

    def work(session: Session) -> None:
        (deleting.delete if with_readings else sensors.clear)(session, name)

    await commits.write(work)


def _yes_or_no(text: str) -> bool:
    """Read it in any case: Python's clients write True."""
    return queries.one_of(_YES_OR_NO)(text.lower())
