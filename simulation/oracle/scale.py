"""Codes to °C as the published interface has them, in arithmetic of the oracle's own."""

from math import lcm

from simulation.diary import Settings


class Scale:
    """T = min + (max - min) * code / full scale; a mean is rounded once, to hundredths, ties to the even one."""

    def __init__(self, settings: Settings) -> None:
        low, high = settings.range_c
        self.full_scale = settings.full_scale
        self._unit = lcm(low.denominator, high.denominator)
        self._low = int(100 * low * self._unit)
        self._span = int(100 * (high - low) * self._unit)

    def mean(self, total: int, count: int) -> float:
        """Give the mean of `count` codes that add up to `total`, °C."""
        below = self._unit * count * self.full_scale
        hundredths, rest = divmod(self._low * count * self.full_scale + self._span * total, below)
        hundredths += 2 * rest > below or (2 * rest == below and hundredths % 2)
        return hundredths / 100

    def celsius(self, code: int) -> float:
        """Give one code in °C."""
        return self.mean(code, 1)
