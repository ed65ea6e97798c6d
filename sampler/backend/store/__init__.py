"""What is stored, and what every engine must be able to do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement as a client sent it: times in ticks of 100 ns since 1970 (UTC), temperatures in °C.

    Unlike `sampler.measurement` it may end before its start or average outside its range: the published
    backend takes those, and a receiver that is stricter would make working clients fail.
    """

    start: int
    end: int
    min: float
    max: float
    average: float
    quality: bytes | None = None
    """The sender's account of the window, a JSON object, as it came."""

    def says_the_same_as(self, other: "Measurement") -> bool:
        """Whether both tell the same of the same window; its quality may come or go between repetitions."""
        return self._values() == other._values()

    def _values(self) -> tuple[float, ...]:
        return (self.start, self.end, self.min, self.max, self.average)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request brings: all of it is stored, or nothing."""

    measurements: Sequence[Measurement]
    keys: Sequence[str] | None
    """One for each measurement; with the device's name it is the identity under which it is stored once."""
    device: str
    """Empty when the client does not say who it is."""
    received: int


@dataclass(frozen=True, slots=True)
class StoredMeasurement:
    """A measurement with where it came from and when."""

    number: int
    measurement: Measurement
    device: str
    key: str | None
    received: int


@dataclass(frozen=True, slots=True)
class Range:
    """Which measurements are asked for: those that start in [start, end), in the order (start, number)."""

    limit: int
    start: int | None = None
    end: int | None = None
    device: str | None = None
    after: tuple[int, int] | None = None
    """The (start, number) behind which the page begins."""


class Conflict(Exception):  # noqa: N818 - it says what it is
    """The identity is stored with other values. Refuse the whole delivery; a repetition cannot cure it."""


class StoreUnavailable(Exception):  # noqa: N818 - it says what it is
    """The store cannot take or give anything now. Ask the client to come again."""


class Store(Protocol):
    """One writer at a time calls `add` and `touch`; `find` may be called from any thread."""

    def add(self, deliveries: Sequence[Delivery]) -> list[list[Measurement] | Conflict]:
        """Commit and sync all of them at once.

        Gives for each what was new in it, or why it was refused; a refused one leaves the others alone.
        Raises StoreUnavailable, and then none is promised.
        """

    def touch(self) -> None:
        """Commit and sync something of no consequence, to see whether that works. Raises StoreUnavailable."""

    def find(self, wanted: Range) -> list[StoredMeasurement]:
        """Give the measurements of a range. Raises StoreUnavailable."""

    def close(self) -> None:
        """Let go of the files."""
