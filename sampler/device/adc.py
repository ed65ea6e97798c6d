"""ADC codes to degrees Celsius. Pure."""

from dataclasses import dataclass
from fractions import Fraction


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
        low, high = Fraction(repr(self.min_c)), Fraction(repr(self.max_c))
        return float(round(low + (high - low) * total / (count * self.full_scale), 2))
