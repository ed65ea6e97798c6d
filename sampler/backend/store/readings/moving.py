"""Arrivals -> blocks: planned beside the writer, done in one short transaction."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from sampler.backend.packing import Damaged
from sampler.backend.store import Session
from sampler.backend.store.readings import blocks
from sampler.backend.store.readings.arrivals import Piece, unpacked
from sampler.backend.store.readings.blocks import Block, Place, block, in_order, keys
from sampler.backend.store.readings.series import hour_of

log = logging.getLogger(__name__)

MOST_ROWS = 1000
MOST_READINGS = 100_000
PATIENCE_S = 30
"""Arrivals are moved when one of these is reached: so much at most is read beside the blocks of a range."""
_MOST_BLOCKS = 500
"""In one transaction, not counting those of its last arrival."""
_WAITING = "SELECT count(*), sum(readings), min(stored) FROM arrivals"
_OLDEST = "SELECT number, data FROM arrivals ORDER BY number LIMIT :most"
_REMOVE = "DELETE FROM arrivals WHERE number BETWEEN :first AND :last"
_NOTE = """
INSERT INTO crowded (sensor, hour, epoch) SELECT :sensor, :hour, :epoch
WHERE EXISTS (SELECT 1 FROM blocks WHERE sensor = :sensor AND hour = :hour AND epoch = :epoch)
ON CONFLICT DO NOTHING
"""


@cache
def tell_once(words: str) -> None:
    """Log what would otherwise be said again at each attempt."""
    log.error(words)


class Stale(Exception):  # noqa: N818 - it says what the plan is
    """Another instance has done it meanwhile. Forget the plan, and make a new one when it is time again."""


@dataclass(slots=True)
class _Move:
    """Arrivals that follow each other, and the blocks that their readings make."""

    numbers: list[int] = field(default_factory=list)
    readings: int = 0
    by_place: dict[Place, tuple[list[int], list[float]]] = field(default_factory=dict)

    def add(self, number: int, pieces: Iterable[Piece]) -> None:
        self.numbers.append(number)
        for piece in pieces:
            self.readings += len(piece.times)
            for place, times, values in _by_hour(piece):
                known_times, known_values = self.by_place.setdefault(place, ([], []))
                known_times.extend(times)
                known_values.extend(values)

    def is_enough(self) -> bool:
        return len(self.by_place) >= _MOST_BLOCKS or self.readings >= MOST_READINGS

    def blocks(self) -> list[Block]:
        number = self.numbers[0]
        return [block(place, number, *in_order(*columns)) for place, columns in self.by_place.items()]


def is_due(session: Session, now_s: int) -> bool:
    """Whether enough arrivals are waiting, or one long enough, at that second since 1970."""
    count, readings, oldest = session.row(_WAITING) or (0, 0, 0)
    return bool(count) and (count >= MOST_ROWS or readings >= MOST_READINGS or now_s - oldest >= PATIENCE_S)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done in a transaction."""

    first: int
    last: int
    rows: int
    blocks: Sequence[Block]


def plan(session: Session) -> Plan | None:
    """Make the oldest arrivals into blocks, as many as a short transaction can move."""
    move = _Move()
    for number, data in session.stream(_OLDEST, most=MOST_ROWS):
        if pieces := _readable(number, data):
            move.add(number, pieces)
        # What is removed is all from the first to the last: a damaged one is never between them.
        if move.is_enough() or (move.numbers and not pieces):
            break
    if not move.numbers:
        return None
    return Plan(move.numbers[0], move.numbers[-1], len(move.numbers), move.blocks())


def _readable(number: int, data: bytes) -> list[Piece]:
    try:
        return unpacked(data)
    except Damaged as damage:
        tell_once(f"arrival {number} cannot be read and stays where it is: {damage}")
        return []


def carry_out(session: Session, plan: Plan) -> None:
    """Move what was planned. Raises Stale."""
    if session.run(_REMOVE, first=plan.first, last=plan.last) != plan.rows:
        raise Stale
    session.run_many(_NOTE, (keys(block.head.place) for block in plan.blocks))
    blocks.add(session, plan.blocks)


def _by_hour(piece: Piece) -> Iterator[tuple[Place, Sequence[int], Sequence[float]]]:
    """Divide the piece by the hours of its readings."""
    first, last = hour_of(min(piece.times)), hour_of(max(piece.times))
    if first == last:
        yield Place(piece.sensor, first, piece.epoch), piece.times, piece.values
        return
    by_hour: dict[int, tuple[list[int], list[float]]] = {}
    for time, value in zip(piece.times, piece.values, strict=True):
        times, values = by_hour.setdefault(hour_of(time), ([], []))
        times.append(time)
        values.append(value)
    for hour, (times, values) in by_hour.items():
        yield Place(piece.sensor, hour, piece.epoch), times, values
