"""Signals, handed one by one to whoever waits for them."""

import signal
from collections.abc import Collection
from queue import Empty, SimpleQueue
from threading import Thread


class Signals:
    """Takes these signals from the kernel. They must be blocked in every thread: handlers run inside any lock."""

    def __init__(self, numbers: Collection[signal.Signals]) -> None:
        self._numbers = numbers
        self._taken: SimpleQueue[signal.Signals] = SimpleQueue()
        Thread(name="signals", target=self._take, daemon=True).start()

    def wait(self, seconds: float) -> signal.Signals | None:
        """Give the next signal, or None if there is none within so many seconds."""
        try:
            return self._taken.get(timeout=seconds)
        except Empty:
            return None

    def _take(self) -> None:
        # Not sigtimedwait: when SIGCONT interrupts it after its time is up, Python's tells of a signal that never was.
        while True:
            self._taken.put(signal.Signals(signal.sigwait(self._numbers)))
