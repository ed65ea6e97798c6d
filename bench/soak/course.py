"""What is to happen in a soak, and what was seen of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.soak.size import Size
from bench.soak.usage import Usage
from bench.soak.verdict import Verdict
from tests.faulty_proxy import Mode

PARTS = 10
AWAY: Sequence[tuple[float, float, Mode]] = ((0.2, 0.35, "refuse"), (0.5, 0.57, "blackhole"))
"""From when to when the backend cannot be reached, in parts of the whole, and how. The second backlog is the smaller
one: what the spool's file grew by for the first has room for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """So many simulated hours at so many times the speed of life; with the daemon's default settings."""

    hours: float
    speed: float

    @property
    def seconds(self) -> float:
        """How long it takes, s."""
        return self.hours * 3600 / self.speed

    @property
    def windows(self) -> int:
        """How many windows of two minutes it has."""
        return round(self.hours * 30)

    @property
    def readings(self) -> int:
        """How many readings are due, ten a second."""
        return round(self.hours * 36_000)

    @property
    def look_s(self) -> float:
        """How often to look, s: seldom enough to cost nothing, and twenty times in each tenth."""
        return min(5.0, self.seconds / 200)


def network(at: float) -> Mode:
    """Say how the network is at a moment, in parts of the whole."""
    return next((mode for begin, end, mode in AWAY if begin <= at < end), "ok")


@dataclass(frozen=True, slots=True)
class Look:
    """Everything at one moment."""

    at: float
    """When, in parts of the whole."""
    daemon: Usage
    backend: Usage
    spool: Size
    database: Size
    waiting: int
    """Windows in the spool."""
    stored: int
    """Windows in the database."""


@dataclass(frozen=True, slots=True)
class Course:
    """What was seen while it ran, and what the sums were at the end."""

    plan: Plan
    looks: Sequence[Look]
    sums: Sequence[Verdict]

    @property
    def tenths(self) -> list[list[Look]]:
        """The looks, tenth by tenth."""
        return [[look for look in self.looks if int(look.at * PARTS) == part] for part in range(PARTS)]
