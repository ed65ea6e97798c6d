"""One life of the backend, from its start to its end, driven by hand."""

import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sampler.backend.app import opened
from sampler.backend.commits import Commits
from sampler.backend.readings.upkeep import Upkeep
from sampler.backend.settings import DAY_S, Settings
from sampler.backend.store import Store
from sampler.backend.web.doorman import Doorman
from simulation import exchange
from simulation.answer import Answer
from simulation.disk import Crash
from simulation.exchange import Exchange, Message
from simulation.loop import Loop
from simulation.short_way import ShortWay

Result = TypeVar("Result")


class Process:
    """The application over a store. What is to be done is done when it is asked for, and to its end.

    Nothing is done beside that: no maintenance, no sweeping up.
    """

    def __init__(
        self, settings: Settings, store: Store, monotonic: Callable[[], float], *, short: bool
    ) -> None:
        self.store = store
        self.is_dead = False
        self._settings = settings
        self._loop = Loop()  # type: ignore[abstract] # the rest of a loop's methods nobody calls
        self._commits = Commits(store, monotonic=monotonic)
        self._stack = contextlib.ExitStack()
        self._requests = 0
        self._short_way = ShortWay(self._commits, settings) if short else None

    @cached_property
    def _app(self) -> Doorman:
        # Built when it is first asked for: that takes as long as some hundred requests on the short way.
        with TemporaryDirectory() as folder:  # the key is read once, and is no business of the simulated disk
            settings = replace(self._settings, key_file=Path(folder, "backend.key"))
            return self._stack.enter_context(opened(settings, over=self._commits))

    def stop(self) -> None:
        """End it in order. Raises Crash, having ended nevertheless."""
        self._stack.close()
        self._commits.close()
        self.store.close()

    def abandon(self) -> None:
        """Forget it. Its files are closed, so that their locks do not outlive it."""
        self._loop.abandon()
        with contextlib.suppress(Crash):
            self.store.close()

    def keep_house(self) -> None:
        """Do the background's work on readings, until there is no more of it for a day. Raises StoreUnavailable."""
        upkeep = Upkeep(self.store, self._commits, self._settings.keep, lambda: time.time() + DAY_S)
        for chore in upkeep.chores:
            while self.run(chore()):
                pass

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Do all that the request brings about, and what it leaves to be done behind the answer."""
        self._requests += 1
        # Named, so that the answer does not depend on chance: a client's own name comes before ours.
        named = {**headers, "X-Request-Id": f"request-{self._requests}"}
        scope = exchange.scope(method, path, named, body)
        route = self._short_way.find(method, path, headers, body) if self._short_way else None
        return self.run(ShortWay.answer(route, scope, body) if route else self._long_way(scope, body))

    def run(self, work: Awaitable[Result]) -> Result:
        """Do the work, and all that it brings about. Raises Crash, unless the work was done before that came."""
        task = self._loop.create_task(work)
        try:
            self._go_on()
        except Crash:
            self.is_dead = True
            # Commits are made in another thread than answers: what has been told to that one, it may have sent.
            self._loop.settle()
            if not task.done():
                raise
        result: Result = task.result()
        return result

    def _go_on(self) -> None:
        self._loop.settle()
        while self._commits.waiting:
            self._commits.turn()
            self._loop.settle()

    async def _long_way(self, scope: Message, body: bytes) -> Answer:
        ours = Exchange(body)
        await self._app(scope, ours.receive, ours.send)
        return ours.answer()
