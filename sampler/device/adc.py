"""ADC codes to degrees Celsius. Pure."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache


@dataclass(frozen=True, slots=True)
class Adc:
    """A linear converter: codes 0 to 2**bits - 1 cover `min_c` to `max_c`, and 0 V to `v_ref`.

    T = min_c + (max_c - min_c) * code / (2**bits - 1); the published interface has -50 + 100 * code / 4095.
    """

    bits: int = 12
    v_ref: float = 3.3
    min_c: float = -50.0
    max_c: float = 50.0

    @property
    def full_scale(self) -> int:
        """The highest code: 4095 with 12 bits."""
        return (1 << self.bits) - 1

    def celsius(self, code: int) -> float:
        """Convert one code to °C."""
        return self.min_c + (self.max_c - self.min_c) * code / self.full_scale

    def volts(self, code: int) -> float:
        """Convert one code to the voltage at the converter's input, in V."""
        return self.v_ref * code / self.full_scale

    def mean_celsius(self, total: int, count: int) -> float:
        """Convert a sum of `count` codes to their mean in °C, rounded to two decimals, ties to even.

        Exact: the conversion is linear, so it is done once, on integers, whatever the count.
        """
        low, span = _as_written(self.min_c, self.max_c)
        return float(round(low + span * Fraction(total, count * self.full_scale), 2))


@cache
def _as_written(min_c: float, max_c: float) -> tuple[Fraction, Fraction]:
    """Give the lowest temperature and the span: 0.1 is a tenth, not the nearest binary fraction."""
    low = Fraction(repr(min_c))
    return low, Fraction(repr(max_c)) - low
