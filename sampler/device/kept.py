"""A measurement as the device keeps it: with its identity, and an honest account of its window."""

from dataclasses import dataclass
from typing import Any, Literal

from sampler.measurement import TemperatureMeasurement

ClockState = Literal["set", "stepped", "unset"]
"""`stepped`: the wall clock was moved inside the window. `unset`: the window was labelled by a clock nobody had set."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How many readings a window was due, how many came, and why the others did not.

    Always due = taken + missed + bad, the latter two summed over their reasons.
    """

    due: int
    taken: int
    missed: dict[str, int]
    bad: dict[str, int]
    clock: ClockState = "set"

    @property
    def whole(self) -> bool:
        """Tell whether every reading that was due was taken, under a clock that stood firm."""
        return self.taken == self.due and self.clock == "set"

    def as_json(self) -> dict[str, Any]:
        """Give the form that the spool stores and a backend is sent if it asks for it."""
        return {
            "due": self.due,
            "taken": self.taken,
            "missed": self.missed,
            "bad": self.bad,
            "clock": self.clock,
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """A measurement in the spool. Its key stays the same through every repetition."""

    spool_id: str
    sequence: int
    measurement: TemperatureMeasurement
    quality: Quality

    @property
    def key(self) -> str:
        """The identity on the wire, beside the device's name: `9f3a61c2-41`."""
        return f"{self.spool_id}-{self.sequence}"
