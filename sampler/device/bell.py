"""Wakes the delivery flow: a new measurement has been kept, or the daemon stops."""

from threading import Event


class Bell:
    """An event that a stop rings too, so that no wait outlasts the daemon."""

    def __init__(self, stop: Event, speed: float = 1.0) -> None:
        """Watch `stop`, whoever sets it must `ring`; waits are shortened by `speed` as the clock's are."""
        self._stop = stop
        self._rung = Event()
        self._speed = speed

    @property
    def stopped(self) -> bool:
        """Whether the daemon stops."""
        return self._stop.is_set()

    def ring(self) -> None:
        """End the wait that is under way, or the next one."""
        self._rung.set()

    def clear(self) -> None:
        """Take note of the ring."""
        self._rung.clear()

    def wait(self, seconds: float | None) -> bool:
        """Wait for a ring, at most so many seconds; tell whether it rang."""
        return self._rung.wait(None if seconds is None else seconds / self._speed) or self.stopped
