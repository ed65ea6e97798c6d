"""What is sent: readings of 1 000 sensors, in batches that have one of each, or single."""

import random
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from sampler.backend.instants import TICKS_PER_SECOND

SENSORS = 1000
HOUR = 3600 * TICKS_PER_SECOND
NOW = 450_000
"""The hour since 1970 that all readings are of."""

Reading = tuple[int, int, float]  # sensor, time, value
Place = tuple[int, int]  # hour, sensor
Groups = dict[Place, tuple[list[int], list[float]]]  # times and values


class Load(NamedTuple):
    """So many readings a request, requests a commit, and commits."""

    readings: int
    requests: int
    commits: int

    def __str__(self) -> str:
        return f"commits of {self.requests} x {self.readings} readings"


@cache
def sent(load: Load) -> list[list[Reading]]:
    """Give what each commit brings; single readings are of any sensor."""
    chance = random.Random(7)  # noqa: S311 - the same each time
    numbers = range(load.commits * load.requests)
    if load.readings == 1:
        requests = [[_reading(chance.randrange(SENSORS), number / 50)] for number in numbers]
    else:
        requests = [[_reading(sensor, number) for sensor in range(SENSORS)] for number in numbers]
    by_commit = (requests[start : start + load.requests] for start in numbers[:: load.requests])
    return [[reading for request in commit for reading in request] for commit in by_commit]


def _reading(sensor: int, second: float) -> Reading:
    """Give one with two digits, some milliseconds after its time."""
    late = hash((sensor, second)) % 100 * TICKS_PER_SECOND // 1000
    value = round(20 + sensor % 10 + (second * 7 + sensor) % 100 / 100, 2)
    return sensor, NOW * HOUR + int(second * TICKS_PER_SECOND) + late, value


def grouped(readings: Iterable[Reading]) -> Groups:
    """Sort readings by hour and sensor."""
    found: Groups = defaultdict(lambda: ([], []))
    for sensor, when, value in readings:
        times, values = found[when // HOUR, sensor]
        times.append(when)
        values.append(value)
    return found
