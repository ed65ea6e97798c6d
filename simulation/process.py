"""One life of the backend, from its start to its end, driven by hand."""

import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import unquote

import apsw

from sampler.backend.app import opened
from sampler.backend.commits import Commits
from sampler.backend.readings.upkeep import Upkeep
from sampler.backend.settings import DAY_S, Settings
from sampler.backend.store import Store
from sampler.backend.temperature.lottery import Lottery
from sampler.backend.temperature.routes import Intake
from sampler.backend.web.doorman import Doorman
from simulation.answer import Answer
from simulation.loop import Loop
from simulation.short_way import ShortWay
from simulation.volume import Crash

Message = MutableMapping[str, Any]
Result = TypeVar("Result")
_SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "http",
    "server": ("127.0.0.1", 5000),
    "client": ("127.0.0.1", 50000),
    "root_path": "",
}
"""What the server says of every request."""


class Process:
    """The application over a store. What is to be done is done when it is asked for, and to its end.

    Nothing is done beside that: no maintenance, no sweeping up.
    """

    def __init__(
        self, settings: Settings, store: Store, monotonic: Callable[[], float], *, short: bool
    ) -> None:
        self.store = store
        self._settings = settings
        self._loop = Loop()  # type: ignore[abstract] # the rest of a loop's methods nobody calls
        self._commits = Commits(store, monotonic=monotonic)
        self._stack = contextlib.ExitStack()
        self._requests = 0
        lottery = Lottery(settings.fail_rate, settings.fail_after, settings.seed)
        self._short_way = ShortWay(Intake(self._commits, lottery)) if short else None

    @cached_property
    def _app(self) -> Doorman:
        # Built when it is first asked for: that takes as long as some hundred requests on the short way.
        with TemporaryDirectory() as folder:  # the key is read once, and is no business of the simulated disk
            settings = replace(self._settings, key_file=Path(folder, "backend.key"))
            return self._stack.enter_context(opened(settings, over=self._commits))

    def stop(self) -> None:
        """End it in order. Raises apsw.Error or Crash, having ended nevertheless."""
        self._stack.close()
        self._commits.close()
        self.store.close()

    def abandon(self) -> None:
        """Forget it. Its files are closed, so that their locks do not outlive it."""
        self._loop.abandon()
        with contextlib.suppress(Crash, apsw.Error):
            self.store.close()

    def keep_house(self) -> None:
        """Do the background's work on readings, until there is no more of it for a day."""
        upkeep = Upkeep(self.store, self._commits, self._settings.keep, lambda: time.time() + DAY_S)
        for chore in upkeep.chores:
            while self.run(chore()):
                pass

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Do all that the request brings about, and what it leaves to be done behind the answer."""
        self._requests += 1
        scope = _scope(method, path, {"x-request-id": f"request-{self._requests}", **headers}, body)
        if self._short_way and self._short_way.leads_to(method, path, headers, body):
            return self.run(self._short_way.answer(path, scope, body))
        return self.run(self._long_way(scope, body))

    def run(self, work: Awaitable[Result]) -> Result:
        """Do the work, and all that it brings about."""
        task = self._loop.create_task(work)
        self._loop.settle()
        while self._commits.waiting:
            self._commits.turn()
            self._loop.settle()
        result: Result = task.result()
        return result

    async def _long_way(self, scope: dict[str, Any], body: bytes) -> Answer:
        exchange = _Exchange(self._loop, body)
        await self._app(scope, exchange.receive, exchange.send)
        return exchange.answer()


class _Exchange:
    """The server's side of one request: gives the body at once, and then waits for ever, as the client does."""

    def __init__(self, loop: Loop, body: bytes) -> None:
        self._loop = loop
        self._body: bytes | None = body
        self._sent: list[Message] = []

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            await self._loop.create_future()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        self._sent.append(message)

    def answer(self) -> Answer:
        start, *rest = self._sent
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))


def _scope(method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    place, _, query = path.partition("?")
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {
        **_SCOPE,
        "method": method,
        "path": unquote(place),
        "raw_path": place.encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": [(b"host", b"127.0.0.1:5000"), (b"content-length", b"%d" % len(body)), *raw],
        "state": {},
    }
