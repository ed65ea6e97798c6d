"""Exact statistics of readings: the sum is an integer, so neither order nor number of readings makes it drift."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum, inf

UNIT = 1074
"""Every finite double is a whole number of 2**-1074, the smallest subnormal: a total counts those."""

_EXPONENT_BYTES = 2


@dataclass(frozen=True, slots=True)
class Statistics:
    """Count, exact sum, min and max of finite floats. `a + b` is that of both, whatever the order.

    Zeros lose their sign: which of 0.0 and -0.0 is the lesser would depend on the order.
    """

    count: int
    total: int
    """The exact sum, in units of 2**-1074."""
    min: float
    """inf of no floats, and max is -inf: so they merge like any others. Show neither where count is 0."""
    max: float

    def __add__(self, other: "Statistics") -> "Statistics":
        """Merge two statistics of different readings."""
        return Statistics(
            self.count + other.count,
            self.total + other.total,
            self.min if self.min <= other.min else other.min,
            self.max if self.max >= other.max else other.max,
        )

    @property
    def sum(self) -> float:
        """The sum, rounded once; one that no double can hold is the largest double of its sign."""
        try:
            return self.total / (1 << UNIT)
        except OverflowError:
            return sys.float_info.max if self.total > 0 else -sys.float_info.max

    @property
    def average(self) -> float:
        """The double nearest to the exact mean (Python divides integers so); 0.0 of no readings."""
        return self.total / (self.count << UNIT) if self.count else 0.0


EMPTY = Statistics(0, 0, inf, -inf)


def of(values: Sequence[float]) -> Statistics:
    """Sum up finite floats; none are fine."""
    if not values:
        return EMPTY
    return Statistics(len(values), total_of(values), min(values) + 0.0, max(values) + 0.0)


def total_of(values: Sequence[float]) -> int:
    """Add finite floats exactly, in units of 2**-1074."""
    if len(values) == 1:
        return _units(values[0])
    try:
        return sum(map(_units, _expansion(values)))
    except OverflowError:  # fsum cannot pass 1.8e308 even on the way
        return sum(map(_units, values))


def _expansion(values: Sequence[float]) -> Iterator[float]:
    """Give a few floats whose exact sum is that of all, as fsum rounds only once: the sum, what it lacks, and so on.

    J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997, which is what fsum follows.
    """
    rest = [*values]
    while part := fsum(rest):
        rest.append(-part)
        yield part


def _units(value: float) -> int:
    numerator, denominator = value.as_integer_ratio()
    return numerator << (UNIT + 1 - denominator.bit_length())  # the denominator is a power of two


def total_bytes(total: int) -> bytes:
    """Write a total in a few bytes; equal totals have equal bytes.

    Two bytes tell how often 2 divides it, the rest is the odd number that is left, little-endian with sign; 0 is b"".
    """
    if not total:
        return b""
    twos = (total & -total).bit_length() - 1
    odd = total >> twos
    size = odd.bit_length() // 8 + 1  # with room for the sign
    return twos.to_bytes(_EXPONENT_BYTES, "little") + odd.to_bytes(size, "little", signed=True)


def total_from(data: bytes) -> int:
    """Read what `total_bytes` wrote."""
    odd = int.from_bytes(data[_EXPONENT_BYTES:], "little", signed=True)
    return odd << int.from_bytes(data[:_EXPONENT_BYTES], "little")
