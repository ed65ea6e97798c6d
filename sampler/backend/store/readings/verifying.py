"""Everything computed anew from the readings and compared, beside a backend that goes on: in many short views."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from sampler.backend.packing import Damaged, unpack
from sampler.backend.statistics import EMPTY, Statistics, of
from sampler.backend.store import Session, Store, Value
from sampler.backend.store.readings import sensors
from sampler.backend.store.readings.arrivals import Piece, unpacked
from sampler.backend.store.readings.blocks import HEAD, Head, head
from sampler.backend.store.readings.sensors import Sensor
from sampler.backend.store.readings.series import hour_of

_SENSORS_AT_ONCE = 500
_BLOCKS_AT_ONCE = 200
_SIZE = "SELECT (SELECT count(*) FROM sensors) + (SELECT count(*) FROM blocks)"
_ARRIVALS = "SELECT number, readings, first, last, data FROM arrivals ORDER BY number"
_HEADS = f"SELECT {HEAD} FROM blocks WHERE sensor BETWEEN :first AND :last"  # noqa: S608 - constants
_BLOCKS = f"""
SELECT data, {HEAD} FROM blocks WHERE (sensor, hour, epoch, number) > (:sensor, :hour, :epoch, :number)
ORDER BY sensor, hour, epoch, number LIMIT :most
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what the readings give."""

    what: str
    stored: str
    recomputed: str
    sensor: str | None = None
    hour: int | None = None
    """Since 1970; None where it concerns more than one."""


def verify(store: Store, done: Callable[[int], None] = lambda _: None) -> Iterator[Difference]:
    """Give what differs; `done` is told how many sensors and blocks more have been seen. Raises StoreUnavailable.

    Of each block, the statistics are computed from its readings, if these have not expired. Of each sensor, the
    running statistics are computed from those of its blocks and from its readings that are in none yet.
    """
    yield from _arrivals(store)
    yield from _running(store, done)
    yield from _blocks(store, done)


def size(store: Store) -> int:
    """Count the sensors and blocks that there are to be seen."""
    with store.reading() as session:
        (count,) = session.row(_SIZE) or (0,)
        return int(count)


@dataclass(frozen=True, slots=True)
class _Account:
    """What is compared."""

    statistics: Statistics = EMPTY
    first: int | None = None
    last: int | None = None

    def __add__(self, other: "_Account") -> "_Account":
        firsts = [first for first in (self.first, other.first) if first is not None]
        lasts = [last for last in (self.last, other.last) if last is not None]
        return _Account(
            self.statistics + other.statistics, min(firsts, default=None), max(lasts, default=None)
        )

    def differences(self, anew: "_Account") -> Iterator[Difference]:
        """Tell where this, which is stored, differs from what was computed."""
        mine, other = self.statistics, anew.statistics
        parts = {
            "count": (mine.count, other.count),
            "min": (mine.min, other.min),
            "max": (mine.max, other.max),
            "first": (self.first, anew.first),
            "last": (self.last, anew.last),
        }
        for what, (stored, recomputed) in parts.items():
            if stored != recomputed:
                yield Difference(what, str(stored), str(recomputed))
        if mine.total != other.total:
            beyond = " (beyond a float's digits)" if mine.sum == other.sum else ""
            yield Difference("sum" + beyond, str(mine.sum), str(other.sum))


def _of(times: Iterable[int], values: Iterable[float]) -> _Account:
    times = [*times]
    return _Account(of([*values]), min(times), max(times))


def _stored(head: Head) -> _Account:
    return _Account(head.statistics, head.first, head.last)


def _arrivals(store: Store) -> Iterator[Difference]:
    """Look at each arrival by itself."""
    with store.reading() as session:
        rows = session.rows(_ARRIVALS)
    for number, readings, first, last, data in rows:
        try:
            times = [time for piece in unpacked(data) for time in piece.times]
        except Damaged as damage:
            yield Difference(f"arrival {number}", "cannot be read", str(damage))
        else:
            if (readings, first, last) != (len(times), min(times), max(times)):
                stored = f"{readings} readings from {first} to {last}"
                yield Difference(
                    f"arrival {number}", stored, f"{len(times)} from {min(times)} to {max(times)}"
                )


def _running(store: Store, done: Callable[[int], None]) -> Iterator[Difference]:
    """Compare the running statistics with those of all blocks and arrivals of the sensor's epoch."""
    after = 0
    while True:
        with store.reading() as session:
            page = sensors.page(session, after, _SENSORS_AT_ONCE)
            anew = _recomputed(session, page)
        if not page:
            return
        for sensor in page:
            stored = _Account(sensor.statistics, last=sensor.last)
            for difference in stored.differences(replace(anew[sensor.number], first=None)):
                yield replace(difference, sensor=sensor.name)
        done(len(page))
        after = page[-1].number


def _recomputed(session: Session, page: list[Sensor]) -> dict[int, _Account]:
    epochs = {sensor.number: sensor.epoch for sensor in page}
    anew = dict.fromkeys(epochs, _Account())
    if not page:
        return anew
    for row in session.stream(_HEADS, first=page[0].number, last=page[-1].number):
        block = head(row)
        if epochs[block.place.sensor] == block.place.epoch:
            anew[block.place.sensor] += _stored(block)
    for piece in _readable_pieces(session):
        if epochs.get(piece.sensor) == piece.epoch:
            anew[piece.sensor] += _of(piece.times, piece.values)
    return anew


def _readable_pieces(session: Session) -> Iterator[Piece]:
    for *_, data in session.stream(_ARRIVALS):
        try:
            yield from unpacked(data)
        except Damaged:
            continue  # it has been named


def _blocks(store: Store, done: Callable[[int], None]) -> Iterator[Difference]:
    """Compare each block's statistics with those of its readings."""
    place: dict[str, Value] = {"sensor": 0, "hour": 0, "epoch": 0, "number": 0}
    while True:
        with store.reading() as session:
            rows = session.rows(_BLOCKS, **place, most=_BLOCKS_AT_ONCE)
            owners = sensors.numbered(session, {row[1] for row in rows})
        if not rows:
            return
        for data, *columns in rows:
            block = head(tuple(columns))
            yield from _block(block, data, owners[block.place.sensor])
        done(len(rows))
        place = {name: rows[-1][i] for i, name in enumerate(place, 1)}


def _block(block: Head, data: bytes | None, owner: Sensor) -> Iterator[Difference]:
    """Compare one."""
    if block.place.epoch < owner.first_epoch:
        return  # deleted, and on its way out
    for difference in _of_block(block, data, owner):
        yield replace(
            difference,
            what=f"{difference.what} of block {block.number}",
            sensor=owner.name,
            hour=block.place.hour,
        )


def _of_block(block: Head, data: bytes | None, owner: Sensor) -> Iterator[Difference]:
    if data is None:
        if block.place.hour >= owner.kept_from:
            yield Difference("readings", "are not there", f"{block.statistics.count} should be")
        return
    try:
        times, values = unpack(data)
    except Damaged as damage:
        yield Difference("readings", "cannot be read", str(damage))
        return
    yield from _stored(block).differences(_of(times, values))
    if {hour_of(time) for time in times} != {block.place.hour}:
        yield Difference("hour", str(block.place.hour), f"{hour_of(min(times))} to {hour_of(max(times))}")
