"""Readings to a measurement. Pure: time arrives as an argument, ADC codes stay integers until the end."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

from sampler.device.adc import Adc
from sampler.device.kept import ClockState, Quality
from sampler.measurement import NS_PER_MS, TemperatureMeasurement, from_nanoseconds


@dataclass(slots=True)
class Window:
    """A window that is open: how many readings came, their sum, lowest and highest.

    Instants are monotonic nanoseconds of the boot `boot_id`; `offset` is what makes an instant wall time,
    in nanoseconds since 1970. Readings are due every `period` nanoseconds, the last one a period before `closes`.
    Carries its own ADC: a change of calibration never converts older codes.
    """

    adc: Adc
    boot_id: str
    opened: int
    closes: int
    period: int
    offset: int
    start: int
    """Wall time at `opened`, ns since 1970. Later than `opened + offset` after a small step back of the clock."""
    clock: ClockState = "set"
    taken: int = 0
    total: int = 0
    lowest: int = 0
    highest: int = 0
    missed: dict[str, int] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)

    @property
    def planned(self) -> int:
        """How many readings the whole window is due."""
        return (self.closes - self.opened) // self.period

    @property
    def due(self) -> int:
        """How many readings have been accounted for so far."""
        return self.taken + sum(self.missed.values()) + sum(self.bad.values())

    @property
    def deadline(self) -> int:
        """When the next reading is due, or the window closes if none is."""
        return self.closes - (self.planned - self.due) * self.period

    def take(self, code: int) -> None:
        """Add one good reading."""
        if self.taken == 0:
            self.lowest = self.highest = code
        elif code < self.lowest:
            self.lowest = code
        elif code > self.highest:
            self.highest = code
        self.taken += 1
        self.total += code

    def spoil(self, kind: str) -> None:
        """Count one bad reading, of this kind."""
        self.bad[kind] = self.bad.get(kind, 0) + 1

    def miss(self, count: int, reason: str) -> None:
        """Count readings that were due and never made; more than the window has left are not its own."""
        count = min(count, self.planned - self.due)
        if count > 0:
            self.missed[reason] = self.missed.get(reason, 0) + count

    def miss_until(self, instant: int, reason: str) -> None:
        """Count every reading that was due before this instant and has not been accounted for."""
        # A reading due exactly now is not missed: it can still be made.
        self.miss(-((self.deadline - instant) // self.period), reason)

    def snapshot(self) -> Self:
        """Copy the window as it stands, for another thread to keep."""
        return replace(self, missed=dict(self.missed), bad=dict(self.bad))

    def left_behind(self, successor: "Window") -> Self:
        """Close the window as it stood, because its daemon went away and another window has begun.

        In the same boot it ends where it should have, or where its successor begins; the readings that nobody
        made are missed. Of another boot only the last journalled instant is known: it ends there.
        """
        if self.boot_id != successor.boot_id:
            return self.cut()
        left = self.snapshot()
        left.miss_until(min(self.closes, successor.opened), "away")
        left.closes = min(self.closes, successor.opened)
        return left

    def cut(self) -> Self:
        """Close the window at the last instant it knows of."""
        left = self.snapshot()
        left.closes = max(self.deadline, self.opened + self.period)
        return left

    def after(self, newest: int) -> Self:
        """Give the window a label after the latest one given, ns, if it was labelled by who did not know of that.

        As a daemon that knows does it: a little too early by its clock, the label is shorter than its window; else it
        is moved on.
        """
        if newest <= self.start:
            return self
        # Not from the start: that one may have been put off before, by as much of it as its daemon knew.
        if newest - (self.opened + self.offset) > (self.closes - self.opened) // 2:
            return replace(self, start=newest, offset=newest - self.opened, clock="unset")
        return replace(self, start=newest, clock="unset" if self.clock == "unset" else "stepped")

    @property
    def end(self) -> int:
        """Wall time when the window closes, ns since 1970; always after its start."""
        # A window cut short right after a step back could else end before the start that it was given.
        return max(self.closes + self.offset, self.start + NS_PER_MS)

    def quality(self) -> Quality:
        """Account for the readings."""
        return Quality(self.due, self.taken, dict(self.missed), dict(self.bad), self.clock)

    def close(self) -> TemperatureMeasurement | None:
        """Give what the window came to, or None if it had not one good reading."""
        if self.taken == 0:
            return None
        return TemperatureMeasurement(
            from_nanoseconds(self.start),
            from_nanoseconds(self.end),
            self.adc.mean_celsius(self.lowest, 1),
            self.adc.mean_celsius(self.highest, 1),
            self.adc.mean_celsius(self.total, self.taken),
        )

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Read the fields, as the spool journals them. Raises TypeError or KeyError for anything else."""
        return cls(**{**document, "adc": Adc(**document["adc"])})
