"""The world of a simulation: its time, what is due when, and the luck of one seed."""

import heapq
from collections import Counter
from collections.abc import Callable
from itertools import count
from random import Random

NS = 1_000_000_000


class World:
    """Everything runs in one thread: whoever waits lets the others go on meanwhile, on top of it.

    Instants are true nanoseconds since the beginning, which no device's clock shows.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.now = 0
        self.calm = False
        """Whether nothing goes wrong any more."""
        self.mildness = self.luck("mildness").choice((1, 5, 25, 25))
        """How much rarer faults are than in a storm: crash upon crash finds other things than a year of peace."""
        self.faults: Counter[str] = Counter()
        """How many of each kind have been injected."""
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._end = 0

    def luck(self, of: str) -> Random:
        """Give the luck of one concern: what another one draws does not change it."""
        return Random(f"{self.seed} {of}")

    def at(self, instant: int, action: Callable[[], None]) -> None:
        """Have something done at an instant, or as soon as there is time."""
        heapq.heappush(self._due, (instant, next(self._order), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Have something done in so many seconds."""
        self.at(self.now + round(seconds * NS), action)

    def leap(self, instant: int) -> bool:
        """Go on to an instant at once, if nothing else is due before it and nobody waits for less; tell so."""
        if instant > self._end or (self._due and self._due[0][0] <= instant):
            return False
        self.now = max(self.now, instant)
        return True

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let so many seconds pass, or fewer if something comes true; the others go on meanwhile."""
        outer, self._end = self._end, self.now + round(seconds * NS)
        end = self._end
        while self._due and self._due[0][0] <= end and not until():
            instant, _, action = heapq.heappop(self._due)
            self.now = max(self.now, instant)
            action()
            self._end = end
        if not until():
            self.now = max(self.now, end)
        self._end = outer
