"""The table of temperatures: what is new goes in, a repetition does not, one that differs is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sampler.backend.store import HIGHEST, Row, Session, Value


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement as a client sent it: times in ticks of 100 ns since 1970 (UTC), temperatures in °C.

    Unlike `sampler.measurement` it may end before its start or average outside its range: the published
    backend takes those, and a receiver that is stricter would make working clients fail.
    """

    start: int
    end: int
    min: float
    max: float
    average: float
    quality: bytes | None = None
    """The sender's account of the window, a JSON object, as it came."""

    def says_the_same_as(self, other: "Measurement") -> bool:
        """Whether both tell the same of the same window; its quality may come or go between repetitions."""
        return self._values() == other._values()

    def _values(self) -> tuple[float, ...]:
        return (self.start, self.end, self.min, self.max, self.average)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request brings: all of it is stored, or nothing."""

    measurements: Sequence[Measurement]
    keys: Sequence[str] | None
    """One for each measurement; with the device's name it is the identity under which it is stored once."""
    device: str
    """Empty when the client does not say who it is."""
    received: int


@dataclass(frozen=True, slots=True)
class StoredMeasurement:
    """A measurement with where it came from and when."""

    number: int
    measurement: Measurement
    device: str
    key: str | None
    received: int


@dataclass(frozen=True, slots=True)
class Range:
    """Which measurements are asked for: those that start in [start, end), in the order (start, number)."""

    limit: int
    start: int | None = None
    end: int | None = None
    device: str | None = None
    after: tuple[int, int] | None = None
    """The (start, number) behind which the page begins."""


class Conflict(Exception):  # noqa: N818 - it says what it is
    """The identity is stored with other values. Refuse the whole delivery; a repetition cannot cure it."""


_COLUMNS = 'start, "end", min, max, average, quality'
_INSERT = f"""
INSERT INTO measurements ({_COLUMNS}, device, key, received)
VALUES (:start, :end, :min, :max, :average, :quality, :device, :key, :received)
"""  # noqa: S608 - constants
_SAME_IDENTITY = f"SELECT {_COLUMNS} FROM measurements WHERE device = :device AND key = :key"  # noqa: S608 - constants
_FIND = f"""
SELECT number, device, key, received, {_COLUMNS} FROM measurements
WHERE start >= :start AND start < :end AND (start, number) > (:after_start, :after_number)
AND (CAST(:device AS TEXT) IS NULL OR device = :device) ORDER BY start, number LIMIT :limit
"""  # noqa: S608 - constants


def find(session: Session, wanted: Range) -> list[StoredMeasurement]:
    """Give the measurements of a range, in the order (start, number)."""
    return [_stored(row) for row in session.rows(_FIND, **_bindings(wanted))]


def add(session: Session, delivery: Delivery) -> list[Measurement]:
    """Store what is new and give it; raises Conflict."""
    return [m for m, key in _keyed(delivery) if _is_new(session, delivery, key, m)]


def _keyed(delivery: Delivery) -> Iterator[tuple[Measurement, str | None]]:
    keys = delivery.keys if delivery.keys is not None else [None] * len(delivery.measurements)
    return zip(delivery.measurements, keys, strict=True)


def _is_new(session: Session, delivery: Delivery, key: str | None, measurement: Measurement) -> bool:
    """Store the measurement unless its identity is known."""
    device, received = delivery.device, delivery.received
    known = session.row(_SAME_IDENTITY, device=device, key=key) if key is not None else None
    if known is None:
        session.run(_INSERT, **_values(measurement), device=device, key=key, received=received)
    elif not measurement.says_the_same_as(Measurement(*known)):
        raise Conflict(f"{key} of device {device or '(unnamed)'} is stored with other values")
    return known is None


def _values(m: Measurement) -> dict[str, Any]:
    return {
        "start": m.start,
        "end": m.end,
        "min": m.min,
        "max": m.max,
        "average": m.average,
        "quality": m.quality,
    }


def _bindings(wanted: Range) -> dict[str, Value]:
    after_start, after_number = wanted.after or (-1, 0)
    return {
        "start": wanted.start if wanted.start is not None else 0,
        "end": wanted.end if wanted.end is not None else HIGHEST,
        "device": wanted.device,
        "after_start": after_start,
        "after_number": after_number,
        "limit": wanted.limit,
    }


def _stored(row: Row) -> StoredMeasurement:
    number, device, key, received, *values = row
    return StoredMeasurement(number, Measurement(*values), device, key, received)
