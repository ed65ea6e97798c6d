"""The table of blocks: readings of a sensor, an hour and an epoch, packed, with their statistics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sampler.backend.packing import pack
from sampler.backend.statistics import Statistics, of, total_bytes, total_from
from sampler.backend.store import Row, Session, Value

HEAD = "sensor, hour, epoch, number, count, total, min, max, first, last"
"""What `head` reads: all but the readings."""

# What has expired or was deleted while the block was made is not brought back.
_ADD = f"""
INSERT INTO blocks ({HEAD}, data)
SELECT :sensor, :hour, :epoch, :number, :count, :total, :min, :max, :first, :last,
    CASE WHEN sensors.kept_from <= :hour THEN :data END
FROM sensors WHERE sensors.number = :sensor AND sensors.first_epoch <= :epoch
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Place:
    """What all readings of a block share. The hour is counted since 1970."""

    sensor: int
    hour: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a block without its readings."""

    place: Place
    number: int
    statistics: Statistics
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its readings, packed in the order of their times and, at the same time, of their arrival."""

    head: Head
    data: bytes
    """Empty if the readings have expired."""


def head(row: Row) -> Head:
    """Read the columns of `HEAD`."""
    sensor, hour, epoch, number, count, total, low, high, first, last = row
    statistics = Statistics(count, total_from(total), low, high)
    return Head(Place(sensor, hour, epoch), number, statistics, first, last)


def block(place: Place, number: int, times: Sequence[int], values: Sequence[float]) -> Block:
    """Make a block of readings in order."""
    return Block(Head(place, number, of(values), times[0], times[-1]), pack(times, values))


def in_order(times: Sequence[int], values: Sequence[float]) -> tuple[Sequence[int], Sequence[float]]:
    """Sort readings by their times; those of the same time stay as they are."""
    ordered = sorted(times)
    if ordered == [*times]:
        return times, values
    order = sorted(range(len(times)), key=times.__getitem__)
    return ordered, [values[place] for place in order]


def add(session: Session, new: Iterable[Block]) -> None:
    """Store blocks. Of those that have expired only the statistics are kept, of those that were deleted nothing."""
    session.run_many(_ADD, map(_values, new))


def keys(place: Place) -> dict[str, Value]:
    """Give the place as values for a statement."""
    return {"sensor": place.sensor, "hour": place.hour, "epoch": place.epoch}


def _values(block: Block) -> dict[str, Value]:
    head = block.head
    return {
        **keys(head.place),
        "number": head.number,
        "count": head.statistics.count,
        "total": total_bytes(head.statistics.total),
        "min": head.statistics.min,
        "max": head.statistics.max,
        "first": head.first,
        "last": head.last,
        "data": block.data,
    }
