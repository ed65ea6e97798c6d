"""Applications and a client that speak ASGI to a doorman, without a network."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]
FOREVER = object()
"""In place of a message: the client sends nothing more, and stays."""


@dataclass
class Exchange:
    """One request, and what came back."""

    method: str = "POST"
    path: str = "/"
    headers: dict[str, str] = field(default_factory=dict)
    messages: list[Any] = field(default_factory=lambda: [chunk(b"", last=True)])
    """What the client sends; a number is a pause of so many seconds. Then it is gone."""
    sent: list[Message] = field(default_factory=list)

    def over(self, app: App) -> "Exchange":
        """Have it."""
        asyncio.run(self.speak(app))
        return self

    async def speak(self, app: App) -> None:
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        scope = {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "headers": raw,
            "state": {},
        }
        await app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        message = self.messages.pop(0) if self.messages else {"type": "http.disconnect"}
        if message is FOREVER:
            await asyncio.Event().wait()
        if isinstance(message, float):
            await asyncio.sleep(message)
            return await self._receive()
        given: Message = message
        return given

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def answer_headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


def chunk(body: bytes, *, last: bool = False) -> Message:
    """A piece of a request's body."""
    return {"type": "http.request", "body": body, "more_body": not last}


def answering(status: int = 200, body: bytes = b"", **headers: str) -> App:
    """An application that answers everything so, having read the body."""

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return app
