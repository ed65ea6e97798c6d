"""What sampling hands to keeping: a bounded queue that never makes a tick wait."""

from collections import deque
from dataclasses import dataclass, replace
from threading import Condition

from sampler.device.window import Window

LIMIT = 10_000
"""Windows that memory holds while the disk is away: two weeks of two minutes, 5 MB."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The open window as it stands. Only the newest matters, and that held windows get their times."""

    window: Window
    relabel: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A window has closed and the next one, if any, is open."""

    closed: Window
    opened: Window | None
    hold: bool = False
    relabel: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """The clock was not set in time: windows held back go as they are."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Windows that memory could not hold while the disk was away: how many, and their wall times in ns."""

    count: int
    start: int
    end: int


Event = Journal | Turn | Release | Lost


class Handoff:
    """A queue of events for one consumer, who removes each only after it has been kept."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._events: deque[Event] = deque()
        self._current: Event | None = None
        self._changed = Condition()
        self._closed = False

    def put(self, event: Event) -> None:
        """Add an event. A full queue loses its oldest window, and remembers that it did."""
        with self._changed:
            self._events.append(self._in_place_of_last(event))
            if len(self._events) > self._limit:
                self._lose_oldest()
            self._changed.notify()

    def _in_place_of_last(self, event: Event) -> Event:
        last = self._events[-1] if self._events else None
        if not isinstance(last, Journal) or not isinstance(event, Journal | Turn):
            return event
        self._events.pop()  # what follows tells more of the same window
        return event if last.relabel is None else replace(event, relabel=last.relabel)

    def _lose_oldest(self) -> None:
        lost = self._events.popleft() if isinstance(self._events[0], Lost) else None
        oldest = self._events.popleft()
        if isinstance(oldest, Turn):
            start, end = oldest.closed.start, oldest.closed.end
            lost = Lost(lost.count + 1, lost.start, end) if isinstance(lost, Lost) else Lost(1, start, end)
        if lost is not None:
            self._events.appendleft(lost)

    def next(self) -> Event | None:
        """Wait for the oldest event and give it, again until it is `done`; None when closed and empty."""
        with self._changed:
            while self._current is None and not self._events and not self._closed:
                self._changed.wait()
            if self._current is None and self._events:
                self._current = self._events.popleft()
            return self._current

    def done(self) -> None:
        """Remove the event last given: it has been kept."""
        with self._changed:
            self._current = None

    def close(self) -> None:
        """No more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    @property
    def waiting(self) -> int:
        """How many closed windows wait in memory."""
        with self._changed:
            return sum(isinstance(event, Turn) for event in (*self._events, self._current))
