"""Readings in plain lists: what the store's answers are compared with."""

from dataclasses import dataclass, field
from fractions import Fraction

from sampler.backend.store.readings.series import Series, hour_of

HOUR = 36_000_000_000
"""Ticks of 100 ns."""
Reading = tuple[int, str, float]
"""Time, name and value."""


def series(name: str, *readings: tuple[int, float], offset: int = 0) -> Series:
    """What a request brings of one sensor."""
    times = [time for time, _ in readings]
    return Series(name, times, [value for _, value in readings], max(times), offset)


@dataclass
class PlainSensor:
    """All readings there ever were, each with its epoch."""

    readings: list[tuple[int, int, float]] = field(default_factory=list)
    epoch: int = 0
    first_epoch: int = 0
    kept_from: int = 0
    last: tuple[int, int] | None = None

    def add(self, part: Series) -> None:
        self.readings += [
            (self.epoch, time, value) for time, value in zip(part.times, part.values, strict=True)
        ]
        if self.last is None or part.last >= self.last[0]:
            self.last = (part.last, part.last_offset)

    def clear(self) -> None:
        self.epoch += 1
        self.last = None

    def delete(self) -> None:
        self.clear()
        self.first_epoch = self.epoch

    def running(self) -> "Figures":
        return figures([value for epoch, _, value in self.readings if epoch == self.epoch])

    def between(self, start: int, end: int) -> list[tuple[int, float]]:
        """What the statistics of a range count."""
        return [(t, v) for epoch, t, v in self.readings if epoch >= self.first_epoch and start <= t < end]

    def kept(self, start: int, end: int) -> list[tuple[int, float]]:
        """What a range lists."""
        return [(time, value) for time, value in self.between(start, end) if hour_of(time) >= self.kept_from]


Figures = tuple[int, Fraction, float, float]


def figures(values: list[float]) -> Figures:
    """Count, exact sum, min and max."""
    low, high = (min(values), max(values)) if values else (float("inf"), float("-inf"))
    return len(values), sum(map(Fraction, values), Fraction()), low, high
