"""Requests that write, gathered and committed together by one thread, so that the event loop never waits."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sampler.backend.store import Conflict, Delivery, Measurement, Store, StoreUnavailable

log = logging.getLogger(__name__)

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery, or None to try whether the store takes anything, and who waits for it."""

    delivery: Delivery | None
    answer: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, error: BaseException | None = None) -> None:
        # At shutdown the loop may be gone before the last commit: then nobody waits for the answer.
        with contextlib.suppress(RuntimeError):
            self.answer.get_loop().call_soon_threadsafe(_settle, self.answer, error)


def _settle(answer: "asyncio.Future[None]", error: BaseException | None) -> None:
    if answer.done():  # the client went away
        return
    if error:
        answer.set_exception(error)
    else:
        answer.set_result(None)


class Commits:
    """Takes deliveries from the event loop and answers each after the commit that holds it.

    While one commit is synced the next ones gather, so that many share a sync; when `bound` are waiting,
    more are refused. `stored` is called with what was new, in the writer's thread.
    """

    def __init__(
        self, store: Store, stored: Callable[[Sequence[Measurement]], None], bound: int = 1000
    ) -> None:
        self._store = store
        self._stored = stored
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(bound)
        self._closing = False
        self._ended = False
        self._failing_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="commits")
        self._thread.start()

    async def add(self, delivery: Delivery) -> None:
        """Return when the delivery is on the disk; raises Conflict or StoreUnavailable."""
        await self._enter(_Waiting(delivery))

    async def probe(self) -> None:
        """Return if the store takes commits; raises StoreUnavailable."""
        await self._enter(_Waiting(None))

    def close(self) -> None:
        """Commit what waits, refuse what comes, and end the thread."""
        self._closing = True
        self._waiting.put(None)
        self._thread.join()

    async def _enter(self, waiting: _Waiting) -> None:
        if self._closing:
            raise StoreUnavailable("shutting down")
        try:
            self._waiting.put_nowait(waiting)
        except queue.Full:
            raise StoreUnavailable("too many requests wait for the disk") from None
        await waiting.answer

    def _run(self) -> None:
        while not self._ended:
            batch = self._gather()
            try:
                self._commit(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever and the next batch has its chance
                self._note_failure(error)
                for waiting in batch:
                    waiting.settle(error)

    def _gather(self) -> list[_Waiting]:
        """Wait for somebody, then take all who are there."""
        batch: list[_Waiting] = []
        while not batch or (len(batch) < _AT_ONCE and not self._waiting.empty()):
            waiting = self._waiting.get()
            if waiting is None:
                self._ended = True
                break
            batch.append(waiting)
        return batch

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        if any(waiting.delivery is None for waiting in batch):
            self._store.touch()
        deliveries = [waiting.delivery for waiting in batch if waiting.delivery]
        outcomes = self._store.add(deliveries) if deliveries else []
        self._note_success()
        self._stored([m for outcome in outcomes if not isinstance(outcome, Conflict) for m in outcome])
        outcome_of = iter(outcomes)
        for waiting in batch:
            outcome = next(outcome_of) if waiting.delivery else None
            waiting.settle(outcome if isinstance(outcome, Conflict) else None)

    def _note_failure(self, error: Exception) -> None:
        if self._failing_since is None:
            self._failing_since = time.monotonic()
            trace = None if isinstance(error, StoreUnavailable) else error
            log.error("nothing can be stored, clients are asked to come again: %s", error, exc_info=trace)

    def _note_success(self) -> None:
        if self._failing_since is not None:
            log.warning("storing again after %.0f s", time.monotonic() - self._failing_since)
            self._failing_since = None
