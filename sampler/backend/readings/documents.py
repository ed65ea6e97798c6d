"""Contract B's document: an array of readings in JSON."""

from collections.abc import AsyncIterator, Sequence
from datetime import tzinfo

import msgspec

from sampler.backend import instants
from sampler.backend.readings.gathering import Gathered
from sampler.backend.store.readings.series import Series
from sampler.backend.web.problems import Invalid


class Reading(msgspec.Struct):
    """A reading as clients write it; other fields are ignored."""

    sensor: str
    timestamp: str
    value: float


async def gathered(pieces: AsyncIterator[list[Reading]], zone: tzinfo) -> list[Series]:
    """Read the pieces of the array, in which times without an offset are the zone's. Raises Invalid."""
    readings, index = Gathered(), 0
    async for piece in pieces:
        _gather(readings, piece, index, zone)
        index += len(piece)
    return readings.series()


def _gather(readings: Gathered, piece: Sequence[Reading], index: int, zone: tzinfo) -> None:
    for place, reading in enumerate(piece, index):
        try:
            time, offset = instants.parse_local(reading.timestamp, zone)
        except ValueError as error:
            raise Invalid({f"[{place}].timestamp": [f"It {error}."]}) from error
        try:
            readings.add(reading.sensor, time, offset, reading.value)
        except ValueError as error:
            raise Invalid({f"[{place}].sensor": [f"It {error}."]}) from error
