"""Flow 3: the spool's measurements go to the backend, newest first, each removed only after its 2xx."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from queue import SimpleQueue

import tenacity

from sampler.device.bell import Bell
from sampler.device.client import Client, Rejected, Unreachable
from sampler.device.clock import NS, Clock
from sampler.device.config import RetryConfig
from sampler.device.duration import duration
from sampler.device.kept import Kept
from sampler.device.rings import let_go
from sampler.device.spool import Spool, SpoolStatus, SpoolUnavailable
from sampler.measurement import from_nanoseconds

log = logging.getLogger("sampler.delivery")

MOST = 10
"""How many measurements the published interface takes in one array."""


class _Interrupted(Exception):  # noqa: N818 - no error: a new measurement, or the stop
    """Leave this round; the next one begins with what is newest then."""


def policy(retry: RetryConfig, pause: Callable[[float], None]) -> tenacity.Retrying:
    """Say how often one array is tried within an interval, and how long to wait in between."""
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(retry.attempts),
        wait=tenacity.wait_exponential_jitter(
            multiplier=retry.wait_s, max=retry.wait_max_s, jitter=retry.wait_s
        ),
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, Unreachable) and error.retry),
        sleep=pause,
        reraise=True,
    )


class Delivery:
    """Delivers what the spool holds, a round at a time: the current measurement, then those that failed before."""

    def __init__(self, spool: Spool, client: Client, retry: RetryConfig, clock: Clock, bell: Bell) -> None:
        self._spool = spool
        self._client = client
        self._retrying = policy(retry, self._pause)
        self._clock = clock
        self._bell = bell
        self._successors: SimpleQueue[tuple[Client, RetryConfig]] = SimpleQueue()
        self._seen: int | None = None
        self._unrecorded: set[int] = set()
        self._not_before = 0
        self._failed: Unreachable | None = None
        """What the last attempt came to, if it failed."""
        self._finishing = False
        self._outage = Outage()
        self.last = ""
        """The newest thing to tell of, for the supervisor and the terminal."""
        self.status: SpoolStatus | None = None
        """How the spool stood at the last look, for whoever must not wait for the disk."""

    def run(self) -> None:
        """Deliver until the daemon stops. What an earlier life left behind goes at once."""
        last = False
        while not last and not self._bell.stopped:
            self._bell.clear()
            last = self._finishing
            self.round()
            if not last:
                self._bell.wait(None)
        self.close()

    def close(self) -> None:
        """Give up the connection to the backend."""
        self._client.close()

    def finish(self) -> None:
        """End after one more round: nothing new will come. May be called from another thread."""
        self._finishing = True
        self._bell.ring()

    def reconfigure(self, client: Client, retry: RetryConfig) -> None:
        """Use another client and policy from the next round on. May be called from another thread."""
        self._successors.put((client, retry))
        self._bell.ring()

    def round(self) -> None:
        """Send the current measurement once, then arrays of the others as long as they are accepted.

        Ends when all are delivered, the backend fails, or something newer arrives.
        """
        self._change_client()
        try:
            try:
                self._send_all()
            except Unreachable as error:
                self._fail(error)
            except _Interrupted:
                log.debug("something newer has arrived")
                self._outlasted()
        except SpoolUnavailable as error:
            log.debug("%s", error)  # keeping tells of the disk

    def _send_all(self) -> None:
        self._record([])
        self._look()
        current = self._current()
        if current:
            self._send_current(current)
        self._send_missing({one.sequence for one in current})

    def _look(self) -> None:
        self.status = self._spool.status()

    def _change_client(self) -> None:
        while not self._successors.empty():
            self._client.close()
            self._client, retry = self._successors.get()
            self._retrying, self._not_before = policy(retry, self._pause), 0

    def _current(self) -> list[Kept]:
        newest = self._spool.newest_waiting(1, self._unrecorded)
        seen, self._seen = self._seen, max([self._seen or 0, *(one.sequence for one in newest)])
        # What waits when the daemon starts has failed before, or been left behind: it is missing, not current.
        return [one for one in newest if seen is not None and one.sequence > seen]

    def _send_current(self, current: list[Kept]) -> None:
        try:
            self._attempt(lambda: self._client.send(current[0]), current)
        except Rejected as error:
            self._set_aside(current[0], error)
        except Unreachable as error:
            # A backend that answers 500 now and then is nothing to tell of: the array is tried next.
            if not error.answered or not error.retry:
                self._fail(error)
            if not error.retry:
                raise
        else:
            self._record(current)

    def _send_missing(self, current: set[int]) -> None:
        while missing := self._spool.newest_waiting(MOST, self._unrecorded | current):
            self._send_array(missing)
            if self._bell.wait(0):
                raise _Interrupted

    def _send_array(self, array: Sequence[Kept]) -> None:
        try:
            self._try(array)
        except Rejected as error:
            if len(array) == 1:
                self._set_aside(array[0], error)
                return
            middle = len(array) // 2
            self._send_array(array[:middle])
            self._send_array(array[middle:])
        else:
            self._record(array)

    def _try(self, array: Sequence[Kept]) -> None:
        try:
            self._retrying(self._attempt, lambda: self._client.send_missing(array), array)
        except Exception as error:
            let_go(error)  # tenacity's frame holds the last attempt, and that its error
            raise

    def _attempt(self, send: Callable[[], None], kept: Sequence[Kept]) -> None:
        if (wait := self._not_before - self._clock.monotonic()) > 0:
            self._pause(wait / NS)
        if self._bell.stopped:  # one request may still be under way at a stop, and none begins after it
            raise _Interrupted
        self._failed = None
        try:
            send()
        except Unreachable as error:
            self._failed = error
            log.debug("%s: %s; kept", _named(kept), error.reason)
            self._not_before = self._clock.monotonic() + int((error.retry_after_s or 0) * NS)
            raise

    def _pause(self, seconds: float) -> None:
        if self._bell.wait(seconds):
            raise _Interrupted

    def _record(self, delivered: Sequence[Kept]) -> None:
        # Should the disk refuse, they are not sent again: the next round begins with recording them.
        self._unrecorded.update(one.sequence for one in delivered)
        if delivered:
            log.debug("%s: delivered", _named(delivered))
            self.last = f"delivered {', '.join(str(one.sequence) for one in delivered)}"
            self._outage.over(self._clock.monotonic())
        if self._unrecorded:
            self._spool.delivered(self._unrecorded, self._now())
            self._unrecorded = set()
            self._look()

    def _set_aside(self, kept: Kept, error: Rejected) -> None:
        log.warning("measurement %d is set aside, the backend refuses it: %s", kept.sequence, error.reason)
        self.last = f"{kept.sequence} set aside"
        self._spool.set_aside(kept.sequence, error.reason, self._now())
        self._look()
        self._outage.over(self._clock.monotonic())

    def _fail(self, error: Unreachable) -> None:
        self.last = error.reason
        if self._outage.begins(error, self._clock.monotonic()):
            self._spool.note_error(error.reason, self._now())
            self._look()

    def _outlasted(self) -> None:
        # A pause that the backend asks for, or a back-off, can be longer than any interval: no round would ever fail.
        if self._failed and not self._bell.stopped:
            self._fail(self._failed)

    def _now(self) -> datetime:
        return from_nanoseconds(self._clock.monotonic() + self._clock.offset())


class Outage:
    """The backend away: told when it begins, when it becomes the operator's to cure, and when it is over."""

    def __init__(self) -> None:
        self._since: int | None = None
        self._told = ""

    def begins(self, error: Unreachable, now: int) -> bool:
        """Take note of a failure at an instant, ns; True if it was told."""
        if self._since is not None and (error.retry or error.reason == self._told):
            return False
        self._since = now if self._since is None else self._since
        self._told = error.reason
        log.warning("the backend is away: %s; measurements are kept", error.reason)
        return True

    def over(self, now: int) -> None:
        """Take note of an answer that decides, at an instant, ns."""
        if self._since is not None:
            log.info("the backend is back after %s", duration((now - self._since) / NS))
        self._since, self._told = None, ""


def _named(kept: Sequence[Kept]) -> str:
    if len(kept) > 1:
        return f"measurements {', '.join(str(one.sequence) for one in kept)}"
    found = kept[0].measurement
    return f"measurement {kept[0].sequence} ({found.min} to {found.max}, average {found.average} °C)"
