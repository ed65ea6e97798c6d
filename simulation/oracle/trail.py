"""One way to explain what a device has told: which window each number is of, and what is wrong."""

from typing import NamedTuple

from simulation.oracle.product import Number
from simulation.oracle.reckoning import Closing
from simulation.oracle.violation import Rule


class Fault(NamedTuple):
    """One promise broken."""

    rule: Rule
    sequence: int | None
    text: str


class Step(NamedTuple):
    """A window that has closed, and the number that it got, if it had a reading."""

    before: "Step | None"
    closing: Closing
    number: Number | None
    ended: int
    """When it ended, ns on the monotonic clock: a window that was cut did so after the last thing known of it."""
    label: int
    """The newest wall time that has been given, ns: to the millisecond, and a guess where it is not known."""


class Trail(NamedTuple):
    """One way to explain the first `at` numbers."""

    at: int = 0
    empty: int = 0
    """How many windows without a reading it met."""
    odd: int = 0
    """How much of it is unlikely: of two ways with as many faults, the one with less is better."""
    astray: int = 0
    """By how many windows without a reading it differed, at its last label, from what the product tells."""
    last: Step | None = None
    faults: tuple[Fault, ...] = ()
    weight: int = 0
    """How often something is wrong; what is wrong with one measurement counts once."""

    def doubted(self) -> "Trail":
        """Go on with something that may be, but seldom is."""
        return self._replace(odd=self.odd + 1)

    def blamed(self, *faults: Fault) -> "Trail":
        """Go on with something wrong."""
        return self._replace(faults=self.faults + faults, weight=self.weight + bool(faults))
