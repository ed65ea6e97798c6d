"""Readings of a range in the order of their times, in slices that fit into memory, each from a view of its own."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from sampler.backend.instants import TICKS_PER_HOUR
from sampler.backend.packing import unpack
from sampler.backend.store import Session, Store, Value
from sampler.backend.store.readings import arrivals, sensors
from sampler.backend.store.readings.blocks import in_order
from sampler.backend.store.readings.sensors import Sensor
from sampler.backend.store.readings.series import hour_of

ENOUGH = 50_000
"""Readings in a slice, as far as they are spread evenly over their hour."""
_MOST_HOURS = 1000
_COUNTS = """
SELECT hour, CAST(sum(count) AS BIGINT) FROM blocks
WHERE data IS NOT NULL AND hour BETWEEN :first_hour AND :last_hour GROUP BY hour ORDER BY hour LIMIT :most
"""
_BLOCKS = """
SELECT sensors.name, blocks.number, blocks.data FROM blocks JOIN sensors ON sensors.number = blocks.sensor
WHERE blocks.data IS NOT NULL AND blocks.hour BETWEEN :first_hour AND :last_hour
AND blocks.first < :end AND blocks.last >= :start AND blocks.epoch >= sensors.first_epoch
"""
_COUNTS_OF_ONE = _COUNTS.replace("WHERE", "WHERE sensor = :sensor AND epoch >= :first_epoch AND")
_BLOCKS_OF_ONE = _BLOCKS.replace("WHERE", "WHERE blocks.sensor = :sensor AND")


@dataclass(frozen=True, slots=True)
class Range:
    """The readings of [start, end), in ticks, of all sensors or one."""

    start: int
    end: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Readings in the order of their times and, at the same time, of their names."""

    times: Sequence[int]
    names: Sequence[str]
    values: Sequence[float]


def slices(store: Store, wanted: Range) -> Iterator[Slice]:
    """Give the range, slice by slice; each is as the store is at that moment.

    Raises StoreUnavailable, and Damaged if readings cannot be read: then the rest is not to be had.
    """
    while wanted.start < wanted.end:
        with store.reading() as session:
            end, slice_ = _next(session, wanted)
        if slice_.times:
            yield slice_
        wanted = replace(wanted, start=end)


def _next(session: Session, wanted: Range) -> tuple[int, Slice]:
    """Give where the slice ends with which the range begins, and the slice."""
    sensor = sensors.find(session, wanted.name) if wanted.name is not None else None
    if sensor is None and wanted.name is not None:
        return wanted.end, _slice([])
    end = _end(session, wanted, sensor)
    part = replace(wanted, end=end)
    runs = [*_in_blocks(session, part, sensor), *_in_arrivals(session, part, sensor)]
    return end, _slice(sorted(runs, key=lambda run: (run.name, run.number)))


def _end(session: Session, wanted: Range, sensor: Sensor | None) -> int:
    """Choose where the slice ends: behind an hour, or within one that alone is too much."""
    counts = _COUNTS_OF_ONE if sensor else _COUNTS
    rows: list[tuple[int, int]] = session.rows(counts, **_values(wanted, sensor), most=_MOST_HOURS)
    room = ENOUGH
    for hour, count in rows:
        start, end = max(wanted.start, hour * TICKS_PER_HOUR), (hour + 1) * TICKS_PER_HOUR
        if count > room:
            part = start + max(1, TICKS_PER_HOUR * ENOUGH // count)
            return min(part, end, wanted.end) if room == ENOUGH else start
        room -= count
    return wanted.end if len(rows) < _MOST_HOURS else min(wanted.end, end)


@dataclass(frozen=True, slots=True)
class _Run:
    """Readings of one sensor that arrived together; their number tells when."""

    name: str
    number: int
    times: Sequence[int]
    values: Sequence[float]


def _in_blocks(session: Session, part: Range, sensor: Sensor | None) -> Iterator[_Run]:
    statement = _BLOCKS_OF_ONE if sensor else _BLOCKS
    for name, number, data in session.stream(statement, **_values(part, sensor)):
        yield _run(part, name, number, *unpack(data))


def _in_arrivals(session: Session, part: Range, sensor: Sensor | None) -> Iterator[_Run]:
    only = sensor.number if sensor else None
    found = [*arrivals.between(session, part.start, part.end, only)]
    known = sensors.numbered(session, {piece.sensor for _, piece in found})
    for number, piece in found:
        owner = known[piece.sensor]
        kept = replace(part, start=max(part.start, owner.kept_from * TICKS_PER_HOUR))
        if piece.epoch >= owner.first_epoch:
            yield _run(kept, owner.name, number, *in_order(piece.times, piece.values))


def _run(part: Range, name: str, number: int, times: Sequence[int], values: Sequence[float]) -> _Run:
    """Take those of the part out of readings in the order of their times."""
    inside = slice(bisect_left(times, part.start), bisect_left(times, part.end))
    return _Run(name, number, times[inside], values[inside])


def _slice(runs: Sequence[_Run]) -> Slice:
    # Arrays: a slice is held as long as a client takes to read it, and lists take four times as much.
    times, values = array("q"), array("d")
    for run in runs:
        times.extend(run.times)
        values.extend(run.values)
    names = [name for run in runs for name in repeat(run.name, len(run.times))]
    order = sorted(range(len(times)), key=times.__getitem__)  # of the same time, as the runs are
    return Slice(
        array("q", map(times.__getitem__, order)),
        [names[i] for i in order],
        array("d", map(values.__getitem__, order)),
    )


def _values(wanted: Range, sensor: Sensor | None) -> dict[str, Value]:
    values: dict[str, Value] = {
        "start": wanted.start,
        "end": wanted.end,
        "first_hour": hour_of(wanted.start),
        "last_hour": hour_of(wanted.end - 1),
    }
    return values | ({"sensor": sensor.number, "first_epoch": sensor.first_epoch} if sensor else {})
