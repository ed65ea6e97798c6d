"""Rule (d), the sensor's side: a reading is made when it is due or not at all; a missed one is never made up for."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from simulation.diary import Life
from simulation.oracle.trail import Fault


def judge_pace(lives: Sequence[Life]) -> Iterator[Fault]:
    """Say where a life has asked twice for one reading: a new value exists only once a period."""
    for index, life in enumerate(lives):
        for opened, (closes, _) in life.windows.items():
            first, last = (bisect_left(life.asked, instant) for instant in (opened, closes))
            period = life.settings.period
            # The last reading is due a period before the window closes, the others on the grid before it.
            left = [-((asked - closes) // period) for asked in life.asked[first:last]]
            if any(one <= other for one, other in pairwise(left)):
                text = f"life {index} asked twice within a period, in the window that opened at {opened} ns"
                yield Fault("d", None, text)
