"""Rows of requests that never were whole: nobody sees them, and they are removed in small steps."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any

from sampler.backend.commits import Commits
from sampler.backend.store import Session, StoreUnavailable
from sampler.backend.store.environment import batches

_AT_ONCE = 1000
_PAUSE_S = 600.0
_OLD_S = 3600
"""Without a further row for so long, a batch has nobody left who brings one: a client is waited for much shorter."""


class Leftovers:
    """Removes what requests left, also those of a process that was killed."""

    def __init__(self, commits: Commits, *, shared: bool, clock: Callable[[], float] = time.time) -> None:
        """`shared` is a store on which other instances may work."""
        self._commits = commits
        self._shared = shared
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to look for them."""
        # What was begun before the start, on a store of our own, was left by somebody who is no more.
        before = self._clock() - _OLD_S if self._shared else self._clock() + 1
        self._begin(self._sweep_for_ever(int(before)))

    async def stop(self) -> None:
        """End; the next start goes on."""
        for task in self._tasks:
            task.cancel()
        await self.settled()

    async def settled(self) -> None:
        """Wait until nothing is being done any more."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def give_up(self, batch: int) -> None:
        """Remove the batch's rows, unless it is whole."""
        self._begin(self._remove(batch))

    async def sweep(self, before: int) -> None:
        """Remove batches that are not whole and had no row since before that second since 1970."""
        with contextlib.suppress(StoreUnavailable):  # there is a next time
            for batch in await self._commits.write(lambda session: batches.abandoned(session, before)):
                await self._remove(batch)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sweep_for_ever(self, before: int) -> None:
        while True:
            await self.sweep(before)
            await asyncio.sleep(_PAUSE_S)
            before = int(self._clock()) - _OLD_S

    async def _remove(self, batch: int) -> None:
        def some(session: Session) -> bool:
            return batches.remove_some(session, batch, _AT_ONCE)

        with contextlib.suppress(StoreUnavailable):
            while await self._commits.write(some):
                pass
