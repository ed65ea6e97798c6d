"""The store's rows of a range, in the order of their times."""

from collections.abc import Iterator
from dataclasses import replace

from sampler.backend.commands.exporting import Batch, Columns, Kind
from sampler.backend.store import Store, measurements
from sampler.backend.store.measurements import StoredMeasurement
from sampler.backend.store.readings import ranges

_AT_ONCE = 10_000
_READING = {"time": Kind.TIME, "name": Kind.TEXT, "value": Kind.REAL}
_MEASUREMENT = {
    "start": Kind.TIME,
    "end": Kind.TIME,
    "min": Kind.REAL,
    "max": Kind.REAL,
    "average": Kind.REAL,
    "device": Kind.TEXT,
    "key": Kind.TEXT,
    "received": Kind.TIME,
}


def readings(store: Store, start: int, end: int, sensor: str | None) -> Columns:
    """Give the readings of contracts B and D in [start, end), ticks, of all sensors or one."""
    slices = ranges.slices(store, ranges.Range(start, end, sensor))
    return Columns(_READING, ((part.times, part.names, part.values) for part in slices))


def of_measurements(store: Store, start: int, end: int, device: str | None) -> Columns:
    """Give the measurements of contract A that start in [start, end), ticks, of all devices or one."""
    wanted = measurements.Range(_AT_ONCE, start, end, device)
    return Columns(_MEASUREMENT, _pages(store, wanted))


def _pages(store: Store, wanted: measurements.Range) -> Iterator[Batch]:
    while True:
        with store.reading() as session:
            page = measurements.find(session, wanted)
        if not page:
            return
        yield list(zip(*map(_row, page), strict=True))
        wanted = replace(wanted, after=(page[-1].measurement.start, page[-1].number))


def _row(stored: StoredMeasurement) -> tuple[object, ...]:
    m = stored.measurement
    return m.start, m.end, m.min, m.max, m.average, stored.device or None, stored.key, stored.received
