"""A call that must come back in time: a sensor's bus or a server can hold a thread for ever."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sampler.device.rings import let_go

T = TypeVar("T")


class Hung(Exception):  # noqa: N818 - what the call has done; the caller decides whether that is an error
    """The call has not come back in time. Try again later; until it comes back, nothing else is called."""


class Bounded:
    """Runs calls one after the other in one thread of its own, which a call that hangs may hold for ever.

    There is never a second thread. To be used by one caller at a time.
    """

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._is_out = False
        # A daemon thread: the process must be able to end while it hangs.
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def call(self, function: Callable[[], T], timeout_s: float) -> T:
        """Give what `function()` gives, or raise what it raises. Raises Hung after `timeout_s` seconds.

        Its result is thrown away then. If it is still out at the next call, that one waits for it first,
        within its own time, and calls nothing if it does not come back.
        """
        deadline = time.monotonic() + timeout_s
        if self._is_out:
            self._outcome(deadline)
        self._is_out = True
        self._jobs.put(function)
        result, error = self._outcome(deadline)
        if error is None:
            return result  # type: ignore[no-any-return]  # the one outcome in the queue is this function's
        try:
            raise error
        finally:
            del error  # its traceback holds this frame: a ring that only the collector would free

    def close(self) -> None:
        """End the thread, at once or when the call that hangs has come back."""
        self._jobs.put(None)
        if not self._is_out:
            self._thread.join()

    def _outcome(self, deadline: float) -> tuple[Any, BaseException | None]:
        try:
            outcome = self._outcomes.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            raise Hung("no answer in time") from None
        self._is_out = False
        return outcome

    def _work(self) -> None:
        for job in iter(self._jobs.get, None):
            self._outcomes.put(_run(job))


def _run(job: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return job(), None
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's, who waits for it
        let_go(error)
        return None, error
