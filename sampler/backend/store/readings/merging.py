"""Small blocks of an hour that is over -> one: planned beside the writer, done in one short transaction."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from sampler.backend.packing import Damaged, unpack
from sampler.backend.statistics import EMPTY
from sampler.backend.store import HIGHEST, Row, Session
from sampler.backend.store.readings import blocks
from sampler.backend.store.readings.blocks import HEAD, Block, Head, Place, block, head, in_order, keys
from sampler.backend.store.readings.moving import Stale, tell_once

SMALL = 4096
"""Readings: blocks of more are left as they are."""
_LARGE = 16_384
_MOST_READINGS = 65_536
_MOST_PLACES = 50
_MOST_BLOCKS = 1000
"""In one transaction."""
_CROWDED = """
SELECT hour, sensor, epoch FROM crowded WHERE hour < :before ORDER BY hour, sensor, epoch LIMIT :most
"""
_SMALL_ONES = f"""
SELECT {HEAD}, data FROM blocks WHERE sensor = :sensor AND hour = :hour AND epoch = :epoch AND count < :small
ORDER BY number LIMIT :most
"""  # noqa: S608 - constants
_REMOVE = """
DELETE FROM blocks
WHERE sensor = :sensor AND hour = :hour AND epoch = :epoch AND count < :small AND number <= :last
"""
_FORGET = """
DELETE FROM crowded WHERE sensor = :sensor AND hour = :hour AND epoch = :epoch AND :most >=
(SELECT count(*) FROM blocks WHERE sensor = :sensor AND hour = :hour AND epoch = :epoch AND count < :small)
"""
_COUNT = HEAD.split(", ").index("count")


@dataclass(frozen=True, slots=True)
class Merge:
    """The oldest small blocks of a place, and what they become."""

    place: Place
    old: Sequence[Head]
    new: Sequence[Block]
    damaged: bool = False
    """Then all stay as they are."""


def plan(session: Session, before: int) -> list[Merge]:
    """Merge blocks of hours before this one, as many as a short transaction can."""
    merges: list[Merge] = []
    readings = rows = 0
    for hour, sensor, epoch in session.rows(_CROWDED, before=before, most=_MOST_PLACES):
        merge = _merge(session, Place(sensor, hour, epoch))
        merges.append(merge)
        readings += sum(old.statistics.count for old in merge.old)
        rows += len(merge.old)
        if readings >= _MOST_READINGS or rows >= _MOST_BLOCKS:
            break
    return merges


def carry_out(session: Session, merges: Sequence[Merge]) -> None:
    """Put the merged blocks in the place of the others. Raises Stale."""
    for merge in merges:
        place = keys(merge.place)
        if merge.old:
            removed = session.run(_REMOVE, **place, small=SMALL, last=merge.old[-1].number)
            if removed != len(merge.old):
                raise Stale
            blocks.add(session, merge.new)
        session.run(_FORGET, **place, most=HIGHEST if merge.damaged else 1, small=SMALL)


def _merge(session: Session, place: Place) -> Merge:
    rows, readings = [], 0
    for row in session.stream(_SMALL_ONES, **keys(place), small=SMALL, most=_MOST_BLOCKS):
        rows.append(row)
        readings += row[_COUNT]
        if readings >= _MOST_READINGS:
            break
    old = [head(row[:-1]) for row in rows]
    try:
        return Merge(place, old, _merged(place, old, rows)) if len(old) > 1 else Merge(place, [], [])
    except Damaged as damage:
        tell_once(f"blocks of sensor {place.sensor} and hour {place.hour} are not merged: {damage}")
        return Merge(place, [], [], damaged=True)


def _merged(place: Place, old: Sequence[Head], rows: Sequence[Row]) -> list[Block]:
    if rows[0][-1] is None:
        return [_of_statistics(place, old)]
    all_times, all_values = array("q"), array("d")
    for *_, data in rows:
        times, values = unpack(data)
        all_times.extend(times)
        all_values.extend(values)
    ordered, values_ = in_order(all_times, all_values)
    parts = [slice(start, start + _LARGE) for start in range(0, len(ordered), _LARGE)]
    # There are no more parts than old blocks, each of which had fewer readings: so each has a number.
    return [
        block(place, one.number, ordered[part], values_[part]) for one, part in zip(old, parts, strict=False)
    ]


def _of_statistics(place: Place, old: Sequence[Head]) -> Block:
    """Merge what has expired."""
    statistics = sum((one.statistics for one in old), EMPTY)
    first, last = min(one.first for one in old), max(one.last for one in old)
    return Block(Head(place, old[0].number, statistics, first, last), b"")
