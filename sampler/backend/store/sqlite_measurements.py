"""The table of temperatures in SQLite: what is new goes in, a repetition does not, one that differs is refused."""

from collections.abc import Iterator, Sequence
from typing import Any

import apsw

from sampler.backend.store import Conflict, Delivery, Measurement, Range, StoredMeasurement

_END_OF_TIME = 2**63 - 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS measurements (
    number   INTEGER PRIMARY KEY,
    device   TEXT NOT NULL,
    key      TEXT,
    start    INTEGER NOT NULL,
    "end"    INTEGER NOT NULL,
    min      REAL NOT NULL,
    max      REAL NOT NULL,
    average  REAL NOT NULL,
    quality  BLOB,
    received INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS measurements_identity ON measurements (device, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS measurements_start ON measurements (start, number);
"""
_COLUMNS = 'start, "end", min, max, average, quality'
_INSERT = f"INSERT INTO measurements ({_COLUMNS}, device, key, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
_SAME_IDENTITY = f"SELECT {_COLUMNS} FROM measurements WHERE device = ? AND key = ?"  # noqa: S608 - constants
_FIND = f"""
SELECT number, device, key, received, {_COLUMNS} FROM measurements
WHERE start >= :start AND start < :end AND (start, number) > (:after_start, :after_number)
AND (:device IS NULL OR device = :device) ORDER BY start, number LIMIT :limit
"""  # noqa: S608 - constants


def find(connection: apsw.Connection, wanted: Range) -> list[StoredMeasurement]:
    """Give the measurements of a range, in the order (start, number)."""
    return [_stored(row) for row in connection.execute(_FIND, _bindings(wanted))]


def add(connection: apsw.Connection, delivery: Delivery) -> list[Measurement] | Conflict:
    """Store what is new in a delivery and give it, or nothing of it and why."""
    try:
        with connection:  # a savepoint: a refused delivery is taken back alone
            new = _add_all(connection, delivery)
    except Conflict as conflict:
        return conflict
    return new


def _add_all(connection: apsw.Connection, delivery: Delivery) -> list[Measurement]:
    """Store what is new and give it; raises Conflict."""
    device, received = delivery.device, delivery.received
    return [m for m, key in _keyed(delivery) if _is_new(connection, device, key, m, received)]


def _keyed(delivery: Delivery) -> Iterator[tuple[Measurement, str | None]]:
    keys = delivery.keys if delivery.keys is not None else [None] * len(delivery.measurements)
    return zip(delivery.measurements, keys, strict=True)


def _is_new(
    connection: apsw.Connection, device: str, key: str | None, measurement: Measurement, received: int
) -> bool:
    """Store the measurement unless its identity is known."""
    known = connection.execute(_SAME_IDENTITY, (device, key)).fetchone() if key is not None else None
    if known is None:
        connection.execute(_INSERT, (*_row(measurement), device, key, received))
    elif not measurement.says_the_same_as(Measurement(*known)):
        raise Conflict(f"{key} of device {device or '(unnamed)'} is stored with other values")
    return known is None


def _row(m: Measurement) -> tuple[int, int, float, float, float, bytes | None]:
    return (m.start, m.end, m.min, m.max, m.average, m.quality)


def _bindings(wanted: Range) -> dict[str, int | str | None]:
    after_start, after_number = wanted.after or (-1, 0)
    return {
        "start": wanted.start if wanted.start is not None else 0,
        "end": wanted.end if wanted.end is not None else _END_OF_TIME,
        "device": wanted.device,
        "after_start": after_start,
        "after_number": after_number,
        "limit": wanted.limit,
    }


def _stored(row: Sequence[Any]) -> StoredMeasurement:
    number, device, key, received, *values = row
    return StoredMeasurement(number, Measurement(*values), device, key, received)
