"""Requests that write, gathered and committed together by one thread, so that the event loop never waits."""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from sampler.backend.store import Session, Store, StoreUnavailable, touch
from sampler.backend.store.outage import Outage

_AT_ONCE = 500
_SHORT_S = 0.05
"""What the operations of a commit may take together before those that are left wait for the next."""
_MAX_WAITING = 1000
_MAX_WAITING_BYTES = 128 * 1024 * 1024
Result = TypeVar("Result")


@dataclass(slots=True)
class _Waiting:
    """What is to be done in a transaction and after its commit, what came of it, and who waits for that."""

    operation: Callable[[Session], Any]
    then: Callable[[Any], None]
    outcome: Any = None
    refused: Exception | None = None
    context: Context = field(default_factory=copy_context)
    """The request's own, so that an answer made in the operation carries its name."""
    answer: "asyncio.Future[Any]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, error: Exception | None = None) -> None:
        # At shutdown the loop may be gone before the last commit: then nobody waits for the answer.
        with contextlib.suppress(RuntimeError):
            self.answer.get_loop().call_soon_threadsafe(
                _settle, self.answer, self.outcome, error or self.refused
            )


def _settle(answer: "asyncio.Future[Any]", outcome: object, error: Exception | None) -> None:
    if error:
        answer.set_exception(error)
    else:
        answer.set_result(outcome)


class Commits:
    """Takes operations from the event loop and answers each after the commit that holds it.

    While one commit is synced the next ones gather, so that many share a sync. When `bound` of them or too
    many bytes are waiting, more are refused. An operation that raises is taken back alone.
    """

    def __init__(
        self,
        store: Store,
        bound: int = _MAX_WAITING,
        observe: Callable[[int, float], None] = lambda *_: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`observe` is called after each commit with its number of operations and its seconds."""
        self.store = store
        self._observe = observe
        self._monotonic = monotonic
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(bound)
        self._left: list[_Waiting] = []
        self._bytes = 0
        self._closing = False
        self._ended = False
        self._outage = Outage(monotonic)
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Have a thread of its own take turns, until the end."""
        self._thread = threading.Thread(target=self._run, name="commits")
        self._thread.start()
        return self

    @property
    def waiting(self) -> int:
        """How many operations wait for their commit."""
        return self._waiting.qsize()

    @property
    def busy(self) -> bool:
        """Whether so many wait that what can be done without should not be asked for."""
        return 2 * self._waiting.qsize() > self._waiting.maxsize

    async def write(
        self,
        operation: Callable[[Session], Result],
        weight: int = 0,
        then: Callable[[Result], None] = lambda _: None,
    ) -> Result:
        """Run the operation in a transaction and return what it gave when that is on the disk.

        `weight` is about how many bytes it holds while it waits. `then` gets the result after the commit and
        before the answer, in the writer's thread, in the order of the commits; it must not raise.
        Raises what the operation raised, with nothing of it stored, or StoreUnavailable: nobody knows then,
        so the client is to repeat it under its key.
        """
        if self._closing:
            raise StoreUnavailable("shutting down")
        if self._bytes + weight > _MAX_WAITING_BYTES and self._bytes:
            raise StoreUnavailable("too many bytes wait for the disk")
        waiting = _Waiting(operation, then)
        try:
            self._waiting.put_nowait(waiting)
        except queue.Full:
            raise StoreUnavailable("too many requests wait for the disk") from None
        self._bytes += weight
        waiting.answer.add_done_callback(lambda answer: self._release(weight, answer))
        # Shielded: a client that goes away takes nothing back, and the bytes are there until the commit.
        result: Result = await asyncio.shield(waiting.answer)
        return result

    def _release(self, weight: int, answer: "asyncio.Future[Any]") -> None:
        self._bytes -= weight
        answer.exception()  # looked at: else asyncio tells of it when nobody has waited until now

    async def probe(self) -> None:
        """Return if the store takes commits, not only this small one; raises StoreUnavailable."""
        await self.write(touch)
        if self._outage.lasts:
            raise StoreUnavailable("other commits fail")

    def close(self) -> None:
        """Commit what waits, refuse what comes, and end the thread."""
        self._closing = True
        self._waiting.put(None)
        if self._thread:
            self._thread.join()
        else:
            self._run()

    def _run(self) -> None:
        while self._left or not self._ended:
            self.turn()

    def turn(self) -> None:
        """Wait for somebody, commit what is there, and answer: the thread's work, or the owner's without one."""
        batch = self._gather()
        try:
            self._commit(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever and the next batch has its chance
            self._outage.failed(error)
            for waiting in batch:
                waiting.settle(error)

    def _gather(self) -> list[_Waiting]:
        """Wait for somebody, then take all who are there."""
        batch, self._left = self._left, []
        while not batch or (len(batch) < _AT_ONCE and not self._waiting.empty()):
            waiting = self._waiting.get()
            if waiting is None:
                self._ended = True
                break
            batch.append(waiting)
        return batch

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        began = self._monotonic()
        with self.store.writing() as session:
            done = self._operate_on(session, batch)
            if self._outage.lasts:
                touch(session)  # a commit that changes nothing says nothing about the disk
        self._left = list(batch[done:])
        self._observe(done, self._monotonic() - began)
        self._outage.worked()
        for waiting in batch[:done]:
            if not waiting.refused:
                waiting.then(waiting.outcome)
            waiting.settle()

    def _operate_on(self, session: Session, batch: Sequence[_Waiting]) -> int:
        """Run the operations until all are done or it is time to answer; give how many it were."""
        began = self._monotonic()
        for done, waiting in enumerate(batch, 1):
            self._operate(session, waiting)
            if self._monotonic() - began > _SHORT_S:
                return done
        return len(batch)

    @staticmethod
    def _operate(session: Session, waiting: _Waiting) -> None:
        try:
            with session.savepoint():
                waiting.outcome = waiting.context.run(waiting.operation, session)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - it is the answer to one request, and the others go on
            waiting.refused = error
