"""Rows as clients write and read them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from sampler.backend import instants
from sampler.backend.environment import fields
from sampler.backend.store.environment.rows import Stored, Values
from sampler.backend.web import names, queries
from sampler.backend.web.objects import Objects
from sampler.backend.web.problems import Invalid

MAX_ROWS = 1_000_000


class PostedRow(msgspec.Struct):
    """A row as clients write it; other fields are ignored."""

    sensor_id: str
    timestamp: str
    temperature: float
    humidity: float
    pressure: float


class ChangedRow(msgspec.Struct):
    """What is to be changed in a row."""

    sensor_id: str | UnsetType = UNSET
    timestamp: str | UnsetType = UNSET
    temperature: float | UnsetType = UNSET
    humidity: float | UnsetType = UNSET
    pressure: float | UnsetType = UNSET


class Row(msgspec.Struct):
    """A row as clients read it: with its number, its time in UTC."""

    id: int
    sensor_id: str
    timestamp: str
    temperature: float
    humidity: float
    pressure: float


POSTED = Objects(PostedRow)
CHANGED = Objects(ChangedRow)
_NAMED: dict[str, fields.Converter] = {"sensor_id": names.sensor, "timestamp": instants.parse}
_IN_QUERY = _NAMED | {
    "timestamp": lambda text: instants.parse(queries.time(text)),
    **dict.fromkeys(("temperature", "humidity", "pressure"), fields.number),
}
_IN_BODY = _NAMED | dict.fromkeys(("temperature", "humidity", "pressure"), lambda number: number + 0.0)
_INSIDE = {"sensor_id": "sensor", "timestamp": "time"}


def values(posted: Sequence[PostedRow], first: int) -> list[Values]:
    """Check rows, the first of which has this index in its request. Raises Invalid."""
    return [_values(row, index) for index, row in enumerate(posted, first)]


def _values(row: PostedRow, index: int) -> Values:
    try:
        sensor, time = names.sensor(row.sensor_id), instants.parse(row.timestamp)
    except ValueError:
        fields.read(msgspec.structs.asdict(row), _NAMED, f"[{index}].")
        raise
    # + 0.0 makes 0.0 of -0.0, the sign of which one engine keeps and the other forgets.
    return Values(sensor, time, row.temperature + 0.0, row.humidity + 0.0, row.pressure + 0.0)


def changes(body: bytes, query: Mapping[str, str]) -> dict[str, Any]:
    """Read what is to be changed, as fields of Values; what the body says goes before the query. Raises Invalid."""
    given = msgspec.structs.asdict(CHANGED.read_one(body)) if body else {}
    from_body = fields.read({name: value for name, value in given.items() if value is not UNSET}, _IN_BODY)
    changed = fields.read(query, _IN_QUERY) | from_body
    if not changed:
        raise Invalid({"$": [f"It must have a new value for one of {', '.join(_IN_QUERY)}."]})
    return {_INSIDE.get(name, name): value for name, value in changed.items()}


def rows(stored: Iterable[Stored]) -> list[Row]:
    """Give rows to clients."""
    return [Row(number, sensor, instants.iso(time), *numbers) for number, (sensor, time, *numbers) in stored]


def listing(first: int, values: Sequence[Values]) -> bytes:
    """Write rows that were stored under this number and those that follow it."""
    return msgspec.json.encode(rows(map(Stored, count(first), values)))
