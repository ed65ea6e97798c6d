"""One request as the server gives it to the application, and the answer as the server takes it."""

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote

from simulation.answer import Answer

Message = MutableMapping[str, Any]
_ALWAYS: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "http",
    "server": ("127.0.0.1", 5000),
    "client": ("127.0.0.1", 50000),
    "root_path": "",
}


def scope(method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Say of a request what the server says of it."""
    place, _, query = path.partition("?")
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {
        **_ALWAYS,
        "method": method,
        "path": unquote(place),
        "raw_path": place.encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": [(b"host", b"127.0.0.1:5000"), (b"content-length", b"%d" % len(body)), *raw],
        "state": {},
    }


class Exchange:
    """Gives the body at once, and that the client is gone when it has its answer; keeps the answer."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._sent: list[Message] = []
        self._over = asyncio.Event()

    async def receive(self) -> Message:
        """See ASGI."""
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """See ASGI."""
        self._sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._over.set()

    def answer(self) -> Answer:
        """Give what was sent."""
        start, *rest = self._sent
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))
