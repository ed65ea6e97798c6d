"""A commit's readings as one row: who has how many, then all their times, then all their values."""

import struct
from array import array
from collections.abc import Iterator
from itertools import accumulate, chain

from bench.layouts.load import Groups, Place

_COUNT = struct.Struct("<I")
_ENTRY = 12  # hour, sensor, number of readings

Piece = tuple[Place, "array[int]", "array[float]"]


def together(groups: Groups) -> bytes:
    """Write groups as bytes, undeflated: the commit waits, and soon they are written again."""
    directory = array("I", chain.from_iterable((*place, len(times)) for place, (times, _) in groups.items()))
    times = array("q", chain.from_iterable(times for times, _ in groups.values()))
    values = array("d", chain.from_iterable(values for _, values in groups.values()))
    return _COUNT.pack(len(groups)) + directory.tobytes() + times.tobytes() + values.tobytes()


def pieces(data: bytes, only: int | None = None) -> Iterator[Piece]:
    """Give the groups back, of all sensors or of one."""
    (groups,) = _COUNT.unpack_from(data)
    begin = _COUNT.size + _ENTRY * groups
    middle = (begin + len(data)) // 2
    directory, times, values = array("I"), array("q"), array("d")
    directory.frombytes(data[_COUNT.size : begin])
    times.frombytes(data[begin:middle])
    values.frombytes(data[middle:])
    ends = accumulate(directory[2::3])
    for hour, sensor, count, end in zip(directory[::3], directory[1::3], directory[2::3], ends, strict=True):
        if only is None or sensor == only:
            yield (hour, sensor), times[end - count : end], values[end - count : end]
