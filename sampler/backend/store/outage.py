"""Whether the store fails: told when that changes, not for each request."""

import logging
import time
from collections.abc import Callable

from sampler.backend.store import StoreUnavailable

log = logging.getLogger(__name__)

_CALM_S = 5.0


class Outage:
    """Keeps in mind whether storing fails, and since when.

    On a full disk some requests find room and others do not. What fails again soon after it worked
    has not ended before nothing has failed for a while.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began: float | None = None
        self._ended = self._failed = float("-inf")
        self._returned = False

    @property
    def lasts(self) -> bool:
        """Whether it does."""
        return self._began is not None

    def failed(self, error: Exception) -> None:
        """Take note that a commit failed."""
        self._failed = self._now()
        if self._began is None:
            self._began = self._failed
            self._returned = self._began - self._ended < _CALM_S
            trace = None if isinstance(error, StoreUnavailable) else error
            log.error("nothing can be stored, clients are asked to come again: %s", error, exc_info=trace)

    def worked(self) -> None:
        """Take note that a commit succeeded."""
        now = self._now()
        if self._began is None or (self._returned and now - self._failed < _CALM_S):
            return
        log.warning("storing again after %.0f s", now - self._began)
        self._began, self._ended = None, now
