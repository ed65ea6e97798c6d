"""Contract D's Power: for each UTC day that has both, the average current times the average voltage."""

import sys
from collections.abc import Sequence

from sampler.backend.instants import TICKS_PER_DAY
from sampler.backend.statistics import UNIT, Statistics
from sampler.backend.store import Store
from sampler.backend.store.readings import sensors
from sampler.backend.store.readings.totals import extent, totals

NAME = "Power"
_FACTORS = ("Current", "Voltage")


def days(store: Store, start: int, end: int) -> list[tuple[int, float]]:
    """Give midnight and power, in order, of each day on which there are readings of both in [start, end), ticks."""
    with store.reading() as session:
        both = [sensor for sensor in (sensors.find(session, name) for name in _FACTORS) if sensor]
        extents = [found for found in (extent(session, sensor) for sensor in both) if found]
        if len(extents) < len(_FACTORS):
            return []
        edges = _edges(start, end, max(first for first, _ in extents), min(last for _, last in extents))
        if len(edges) < 2:
            return []
        currents, voltages = (totals(session, sensor, edges) for sensor in both)
    return [
        (edge - edge % TICKS_PER_DAY, _product(current.statistics, voltage.statistics))
        for edge, current, voltage in zip(edges, currents, voltages, strict=False)
        if current.statistics.count and voltage.statistics.count
    ]


def _edges(start: int, end: int, first: int, last: int) -> Sequence[int]:
    """Give the start, the midnights and the end of the range, as far as the days from first to last go."""
    start = max(start, first - first % TICKS_PER_DAY)
    end = min(end, last - last % TICKS_PER_DAY + TICKS_PER_DAY)
    midnights = range(start - start % TICKS_PER_DAY + TICKS_PER_DAY, end, TICKS_PER_DAY)
    return [start, *midnights, end] if start < end else []


def _product(current: Statistics, voltage: Statistics) -> float:
    """Multiply the averages and round once: 13 * 1.345 is 17.485 then, and no double next to it."""
    try:
        return current.total * voltage.total / (current.count * voltage.count << 2 * UNIT)
    except OverflowError:
        return sys.float_info.max if (current.total > 0) == (voltage.total > 0) else -sys.float_info.max
