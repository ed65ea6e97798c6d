"""Flow 2: closed windows and snapshots of the open one go to the spool."""

import logging
from collections.abc import Callable
from contextlib import suppress

from sampler.device.handoff import Event, Handoff, Journal, Lost, Release, Turn
from sampler.device.spool import Spool, SpoolUnavailable

log = logging.getLogger("sampler.keeping")

PATIENCE_S = 5.0
"""How long to wait before a disk that refused is asked again."""


class Keeping:
    """Commits what sampling hands over, in order; what the disk refuses stays in the queue."""

    def __init__(
        self, handoff: Handoff, spool: Spool, pause: Callable[[float], bool], arrived: Callable[[], None]
    ) -> None:
        """Take events from `handoff`; `pause` waits so many seconds and tells whether the daemon stops."""
        self._handoff = handoff
        self._spool = spool
        self._pause = pause
        self._arrived = arrived
        self._refused = False
        self._first = True
        self.lost = False
        """Whether the daemon has stopped while the disk refused what was in memory."""

    def run(self) -> None:
        """Keep until sampling has ended and everything is kept, or the disk refuses while the daemon stops."""
        with suppress(SpoolUnavailable):  # the first event that it refuses tells of it
            self._spool.check()
        while (event := self._handoff.next()) is not None:
            if not self.keep(event) and self._pause(PATIENCE_S):
                log.error("the disk does not come back: %d windows in memory are lost", self._handoff.waiting)
                self.lost = True
                return

    def keep(self, event: Event) -> bool:
        """Commit one event and remove it from the queue; False if the disk refuses it."""
        try:
            self._commit(event)
        except SpoolUnavailable as error:
            if not self._refused:
                log.error("%s; windows wait in memory", error)  # noqa: TRY400 - an event, not a bug
            self._refused = True
            return False
        if self._refused:
            log.info("the disk is back; %d windows waited in memory", self._handoff.waiting)
        self._refused = False
        self._handoff.done()
        return True

    def _commit(self, event: Event) -> None:
        match event:
            case Journal(window, relabel):
                self._spool.journal(window, relabel)
            case Turn(closed, opened, hold, relabel):
                self._spool.turn(closed, opened, hold=hold, relabel=relabel)
            case Release():
                self._spool.release()
            case Lost(count, start, end):
                self._spool.lose(count, start, end, "memory was full while the disk was away")
        # The first event closes the window that an earlier life has left behind.
        if self._first or not isinstance(event, Journal):
            self._arrived()
        self._first = False
