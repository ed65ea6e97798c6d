"""How a sensor's fields go with time and with each other: least squares and Pearson's r, in one pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite, sqrt

from sampler.backend.instants import TICKS_PER_HOUR
from sampler.backend.store.environment.rows import Values

TIME = 0
FIELDS = (1, 2, 3)
"""Temperature, humidity, pressure."""
_AT_ONCE = 1000

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, least, most, means, and sums of products of the deviations from them, of the time in hours and the fields.

    Those of parts are merged without their rows: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating Formulae and a
    Pairwise Algorithm for Computing Sample Variances", 1979, with two variables as P. Pébay, "Formulas for Robust,
    One-Pass Parallel Computation of Covariances and Arbitrary-Order Statistical Moments", 2008, has it.
    Of numbers so large that no double holds their squares, slope and correlation are None.
    """

    count: int
    means: Vector
    products: Matrix
    least: Vector
    most: Vector

    def __add__(self, other: "Moments") -> "Moments":
        """Merge those of different rows."""
        count = self.count + other.count
        apart = [theirs - ours for ours, theirs in zip(self.means, other.means, strict=True)]
        means = tuple(
            ours + difference * other.count / count
            for ours, difference in zip(self.means, apart, strict=True)
        )
        weight = self.count * other.count / count
        products = tuple(
            tuple(self.products[i][j] + other.products[i][j] + apart[i] * apart[j] * weight for j in range(4))
            for i in range(4)
        )
        least = tuple(map(min, self.least, other.least))
        most = tuple(map(max, self.most, other.most))
        return Moments(count, means, products, least, most)

    def slope(self, field: int) -> float | None:
        """Give the slope of the least squares line, per hour; None where all rows are of one time."""
        if not self._varies(TIME):
            return None
        if not self._varies(field):
            return 0.0
        return _ratio(self.products[TIME][field], self.products[TIME][TIME])

    def correlation(self, one: int, other: int) -> float | None:
        """Give Pearson's r, -1 to 1; None where one of the two does not vary."""
        if not (self._varies(one) and self._varies(other)):
            return None
        spread = sqrt(self.products[one][one]) * sqrt(self.products[other][other])
        r = _ratio(self.products[one][other], spread)
        return None if r is None else max(-1.0, min(1.0, r))

    def _varies(self, column: int) -> bool:
        # The mean of equal numbers rounds: their deviations are tiny, and "correlate".
        return self.least[column] < self.most[column]


def _ratio(product: float, spread: float) -> float | None:
    """Divide, where there is something to divide by and neither is beyond what a double holds."""
    return product / spread if spread > 0 and isfinite(product) and isfinite(spread) else None


def moments(rows: Iterable[Values]) -> Moments | None:
    """Sum up rows, which come in any order, holding a thousand; None of none. Time counts from the first of them."""
    rest = iter(rows)
    total: Moments | None = None
    origin: int | None = None
    while part := list(islice(rest, _AT_ONCE)):
        origin = part[0].time if origin is None else origin
        more = _of(part, origin)
        total = total + more if total else more
    return total


def _of(rows: Sequence[Values], origin: int) -> Moments:
    hours = [(row.time - origin) / TICKS_PER_HOUR for row in rows]
    _, _, *fields = zip(*rows, strict=True)
    columns = [hours, *fields]
    means = tuple(sum(column) / len(rows) for column in columns)
    deviations = [[x - mean for x in column] for column, mean in zip(columns, means, strict=True)]
    products = tuple(
        tuple(sum(x * y for x, y in zip(one, other, strict=True)) for other in deviations)
        for one in deviations
    )
    return Moments(len(rows), means, products, tuple(map(min, columns)), tuple(map(max, columns)))
