"""Monotonic time, labelled with wall time.

Windows are measured on the monotonic clock. Which wall time their start is given is decided here, once for each
window, from the offset between the two clocks: wall = monotonic + offset. The kernel slews both clocks together,
so the offset changes only when somebody sets the wall clock.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from sampler.device.kept import ClockState

NS = 1_000_000_000
STEP = NS // 10
"""A change of the offset by more than this, in ns, is a step of the wall clock; less is two clocks read in turn."""
PLAUSIBLE = 1_577_836_800 * NS
"""2020-01-01: a wall clock before it has not been set, whatever the spool knows."""


class Clock:
    """The machine's clocks, in nanoseconds. Whoever asks for time, or waits, is handed one of these."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self.boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        """The boot within which monotonic instants can be compared."""

    def monotonic(self) -> int:
        """Nanoseconds on a clock that nobody can set."""
        return time.monotonic_ns()

    def offset(self) -> int:
        """Wall time minus monotonic time, in ns."""
        before = time.monotonic_ns()
        wall = time.time_ns()
        after = time.monotonic_ns()
        # Put aside for a while between two readings, we would see a step where there is none.
        return wall - (before + after) // 2 if after - before < STEP // 10 else self.offset()

    def sleep_until(self, instant: int) -> None:
        """Sleep until a monotonic instant; a stop ends it within half a second."""
        while (left := instant - time.monotonic_ns()) > 0 and not self._stop.is_set():
            time.sleep(min(left / NS, 0.5))


class FastClock(Clock):
    """Clocks that run `speed` times as fast, for those who will not wait two minutes: `sampler demo --speed`."""

    def __init__(self, stop: Event, speed: float) -> None:
        super().__init__(stop)
        self._speed = speed
        self._zero = super().monotonic()
        self._offset = super().offset()

    def monotonic(self) -> int:
        """Nanoseconds of the fast clock, since the machine's own zero."""
        return self._zero + int((super().monotonic() - self._zero) * self._speed)

    def offset(self) -> int:
        """Wall time minus monotonic time, in ns: both run fast, so it stays."""
        return self._offset

    def sleep_until(self, instant: int) -> None:
        """Sleep until an instant of the fast clock."""
        super().sleep_until(self._zero + int((instant - self._zero) / self._speed))


@dataclass(frozen=True, slots=True)
class Label:
    """The wall time that a window gets: its start and the offset it keeps, in ns, and whether to believe them."""

    start: int
    offset: int
    clock: ClockState
    relabel: int | None = None
    """The offset that gives the windows held back so far their right times, now that it is known."""


class Timeline:
    """Decides which wall time each window starts at, so that windows never overlap or repeat.

    `newest` is the latest wall time, ns, that has been given to a window for good; `offset` the one in use, None
    before the first window of a boot. `held_since` is the instant from which windows have been held back because
    the wall clock lies before `newest`, None if none is.
    """

    def __init__(self, newest: int, offset: int | None = None, held_since: int | None = None) -> None:
        self.newest = max(newest, PLAUSIBLE)
        self.offset = offset
        self.held_since = held_since
        self._gave_up = False
        self._left: int | None = None

    def leave(self, closes: int) -> None:
        """Take note of a window that nobody goes on with: it ends where the next one opens, or before, at `closes`."""
        self._left = closes

    def stepped(self, observed: int) -> bool:
        """Tell whether the wall clock stands elsewhere than the offset in use says."""
        return self.offset is None or abs(observed - self.offset) > STEP

    def label(self, opened: int, observed: int, length: int) -> Label:
        """Give the window that opens at an instant its start, by the offset now observed.

        The clock stood firm: the offset in use goes on, so that windows touch. It went forward: the new one counts,
        and a gap shows. It went back by no more than half a window: the new one counts, and the start stays where the
        last window ended, so this label is shorter than its window. It went back further: there is no honest
        place for the new time. Labels go on by monotonic distance and are held back, until the clock is right
        or patience ends.
        """
        if self._left is not None and self.offset is not None:
            self.closed(min(self._left, opened) + self.offset)
            self._left = None
        offset = observed if self.offset is None or self.stepped(observed) else self.offset
        since = opened if self.held_since is None else self.held_since
        behind = self.newest - (since + offset)
        if behind > length // 2:
            return self._unset(opened)
        clock: ClockState = "set" if behind <= 0 else "stepped"
        relabel = None
        if self.held_since is not None:
            # They keep their distances: would the first one overlap, all of them move on by that much.
            relabel = offset + max(behind, 0)
            self.newest = max(self.newest, opened + relabel)
        self.offset, self.held_since, self._gave_up = offset, None, False
        return Label(max(opened + offset, self.newest), offset, clock, relabel)

    def _unset(self, opened: int) -> Label:
        if self.offset is None or opened + self.offset < self.newest:
            # Of a daemon that did not know what is given: by its offset all that follows would begin at `newest`.
            self.offset = self.newest - opened
        if self.held_since is None and not self._gave_up:
            self.held_since = opened
        return Label(opened + self.offset, self.offset, "unset")

    def closed(self, end: int) -> None:
        """Take note of a window's end, ns, that it has been given for good."""
        self.newest = max(self.newest, end)

    def give_up(self, start: int) -> None:
        """Let the windows held back go as they are; `start` is the start of the window now open, ns."""
        self.held_since, self._gave_up = None, True
        self.newest = max(self.newest, start)
