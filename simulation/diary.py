"""What truly happened to each device and backend, as only the world knows it; the oracle judges by nothing else.

Instants are the device's own monotonic nanoseconds, of the boot that the life belongs to. Filling it is cheap: a
reading is two appends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, NamedTuple

NS = 1_000_000_000

NO_VALUE = "no_value"
ENDED = "ended"

Given = int | str
"""What the sensor gave: a code, in range or not; or a kind of bad reading, NO_VALUE, or ENDED."""
Ending = Literal["running", "stopped", "killed", "power"]
"""`stopped`: in order, so that the open window is journalled."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator has set that decides what a window comes to; durations in ns, temperatures in °C."""

    length: int = 120 * NS
    period: int = NS // 10
    journal: int = 10 * NS
    patience: int = 600 * NS
    """How long windows may be held back for a clock that is not set."""
    align: Literal["start", "utc"] = "start"
    bits: int = 12
    min_c: float = -50.0
    max_c: float = 50.0
    most: int = 1_000_000
    """How many measurements the spool may hold."""

    @property
    def full_scale(self) -> int:
        """The highest code."""
        return (1 << self.bits) - 1

    @property
    def range_c(self) -> tuple[Fraction, Fraction]:
        """The temperatures of the lowest and the highest code, exactly as they are written."""
        return Fraction(str(self.min_c)), Fraction(str(self.max_c))


@dataclass(slots=True)
class Life:
    """One run of the daemon, from the instant at which sampling takes up its first window to its end."""

    boot_id: str
    settings: Settings
    began: int
    """What the monotonic clock said when sampling was put together."""
    ended: int | None = None
    """Of a life that still runs: the instant at which it is judged."""
    how: Ending = "running"
    asked: list[int] = field(default_factory=list)
    """When the sensor was asked: the instant of the tick, before any waiting for the answer."""
    given: list[Given] = field(default_factory=list)
    """What it gave each time; a question that a crash has left without an answer is in neither list."""
    wall: list[tuple[int, int]] = field(default_factory=list)
    """The wall clock minus the monotonic one: (instant, ns) of each change, the first at `began` or before."""
    trouble: list[tuple[int, int]] = field(default_factory=list)
    """From when to when the disk refused or was slow."""
    windows: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The windows that it had open, by the instant of their opening: when each was to close, and its label's start.

    What the daemon itself took them for: of what may be, it tells what was, and never that it may be.
    """
    rot: list[int] = field(default_factory=list)
    """When bytes of the spool changed behind the product's back, also after the end, before the next life."""

    def end(self, instant: int, how: Ending) -> None:
        """Note how it ended, and when."""
        self.ended, self.how = instant, how


@dataclass(slots=True)
class Device:
    """A device, and all the lives of its daemon."""

    name: str
    lives: list[Life] = field(default_factory=list)

    def begin(self, life: Life) -> Life:
        """Note a new life."""
        self.lives.append(life)
        return life


class Stored(NamedTuple):
    """A measurement of one device as a backend has it; times in ns since 1970, numbers in °C."""

    key: str
    start: int
    end: int
    min: float
    max: float
    average: float
    quality: dict[str, Any] | None
    """None where the device does not send it."""


@dataclass(slots=True)
class Backend:
    """What happened to one backend, for one device; keys are `spool id-sequence`."""

    restored: dict[str, Stored] = field(default_factory=dict)
    """What restores from a backup have taken away, by its key: it counts as having reached the backend."""
    refusals: list[tuple[int, Sequence[str]]] = field(default_factory=list)
    """Every 400, 413, 415 or 422: the status, and the keys of the measurements in that request."""
