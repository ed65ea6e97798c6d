"""Statistics of a sensor over any stretches of time: whole blocks by their statistics, cut ones by their readings."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sampler.backend.packing import unpack
from sampler.backend.statistics import EMPTY, Statistics, of
from sampler.backend.store import HIGHEST, Session
from sampler.backend.store.readings import arrivals
from sampler.backend.store.readings.blocks import HEAD, Head, head, in_order, keys
from sampler.backend.store.readings.sensors import Sensor
from sampler.backend.store.readings.series import hour_of

_HEADS = f"""
SELECT {HEAD} FROM blocks
WHERE sensor = :sensor AND hour BETWEEN :first_hour AND :last_hour AND epoch >= :first_epoch
"""  # noqa: S608 - constants
_EXTENT = "SELECT min(first), max(last) FROM blocks WHERE sensor = :sensor AND epoch >= :first_epoch"
_DATA = """
SELECT data FROM blocks WHERE sensor = :sensor AND hour = :hour AND epoch = :epoch AND number = :number
"""


@dataclass(frozen=True, slots=True)
class Total:
    """The statistics of a stretch."""

    statistics: Statistics
    complete: bool = True
    """Not where an edge of the stretch lies among readings that have expired: these are in no statistics then."""


def totals(session: Session, sensor: Sensor, edges: Sequence[int]) -> list[Total]:
    """Give the statistics of the stretches between edges, ticks in order: of [first, second), and so on.

    They count all readings that were not deleted, whether the statistics were cleared or not. Raises Damaged.
    """
    found = _Totals(edges)
    cut = [head for head in _heads(session, sensor, edges) if not found.add_whole(head)]
    for head_ in cut:
        (data,) = session.row(_DATA, **keys(head_.place), number=head_.number) or (None,)
        if data is None:
            found.miss(head_)
        else:
            found.add(*unpack(data))
    for _, piece in arrivals.between(session, edges[0], edges[-1], sensor.number):
        if piece.epoch >= sensor.first_epoch:
            found.add(*in_order(piece.times, piece.values))
    return found.totals


def extent(session: Session, sensor: Sensor) -> tuple[int, int] | None:
    """Give the first and last of the times of the readings that `totals` counts, if there are any."""
    first, last = session.row(_EXTENT, sensor=sensor.number, first_epoch=sensor.first_epoch) or (None, None)
    times = [time for time in (first, last) if time is not None]
    for _, piece in arrivals.between(session, 0, HIGHEST, sensor.number):
        if piece.epoch >= sensor.first_epoch:
            times += min(piece.times), max(piece.times)
    return (min(times), max(times)) if times else None


def _heads(session: Session, sensor: Sensor, edges: Sequence[int]) -> Iterator[Head]:
    rows = session.stream(
        _HEADS,
        sensor=sensor.number,
        first_epoch=sensor.first_epoch,
        first_hour=hour_of(edges[0]),
        last_hour=hour_of(edges[-1] - 1),
    )
    return map(head, rows)


class _Totals:
    """Adds up."""

    def __init__(self, edges: Sequence[int]) -> None:
        self._edges = edges
        self._statistics = [EMPTY] * (len(edges) - 1)
        self._missed: set[int] = set()

    @property
    def totals(self) -> list[Total]:
        return [Total(sum_, place not in self._missed) for place, sum_ in enumerate(self._statistics)]

    def add_whole(self, head: Head) -> bool:
        """Add a block, if no edge cuts it; say whether none does."""
        stretches = self._stretches(head.first, head.last)
        if head.first < self._edges[0] or head.last >= self._edges[-1] or len(stretches) > 1:
            return not stretches
        self._statistics[stretches[0]] += head.statistics
        return True

    def add(self, times: Sequence[int], values: Sequence[float]) -> None:
        """Add readings, which are in the order of their times."""
        for place in self._stretches(times[0], times[-1]):
            begin, end = (bisect_left(times, edge) for edge in self._edges[place : place + 2])
            self._statistics[place] += of(values[begin:end])

    def miss(self, head: Head) -> None:
        """Note that a block is cut whose readings are not there any more."""
        self._missed.update(self._stretches(head.first, head.last))

    def _stretches(self, first: int, last: int) -> range:
        """Give the places of the stretches that these times and those between them lie in."""
        begin = max(0, bisect_right(self._edges, first) - 1)
        return range(begin, min(len(self._statistics), bisect_right(self._edges, last)))
