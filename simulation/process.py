"""One life of the backend, from its start to its end, driven by hand."""

import contextlib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sampler.backend.app import opened
from sampler.backend.commits import Commits
from sampler.backend.settings import Settings
from sampler.backend.store import Store
from sampler.backend.web.doorman import Doorman
from simulation.loop import Loop

Message = MutableMapping[str, Any]
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client gets; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Process:
    """The application over a store, with nothing beside it: what is to be done is done when it is asked for."""

    def __init__(self, settings: Settings, store: Store, monotonic: Callable[[], float]) -> None:
        self.store = store
        self._loop = Loop()
        self._commits = Commits(store, monotonic=monotonic)
        self._stack = contextlib.ExitStack()
        self._app: Doorman = self._stack.enter_context(opened(settings, over=self._commits))

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Do all that the request brings about, to its end and behind it."""
        exchange = _Exchange(self._loop, body)
        scope = _scope(method, path, headers, body)
        task = self._loop.create_task(self._app(scope, exchange.receive, exchange.send))
        self._settle()
        task.result()
        return exchange.answer()

    def _settle(self) -> None:
        self._loop.settle()
        while self._commits.waiting:
            self._commits.turn()
            self._loop.settle()


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
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]
        }
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
