"""Clocks that a test holds in its hand."""

from collections.abc import Callable
from datetime import UTC, datetime

from sampler.device.clock import NS, Clock

NOON = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * NS


class FakeClock(Clock):
    """Sleeps by moving on. `wall` is the wall time at the start; `step` sets the wall clock, as an operator would."""

    def __init__(self, monotonic: int = 1_000 * NS, wall: int = NOON, boot_id: str = "boot-1") -> None:
        self.boot_id = boot_id
        self._now = monotonic
        self._offset = wall - monotonic
        self.late: Callable[[int], int] = lambda instant: 0
        """How many ns after its deadline a sleep ends."""

    def monotonic(self) -> int:
        return self._now

    def offset(self) -> int:
        return self._offset

    def wall(self) -> int:
        return self._now + self._offset

    def sleep_until(self, instant: int) -> None:
        self._now = max(self._now, instant + self.late(instant))

    def pass_by(self, seconds: float) -> None:
        self._now += round(seconds * NS)

    def step(self, seconds: float) -> None:
        self._offset += round(seconds * NS)
