"""One request while it is being answered: what is seen of it on its way in and out."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from sampler.backend.web import asker

# ASGI as the server speaks it; the framework's own types know only the messages that it knows.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]
Header = tuple[bytes, bytes]
Ended = Callable[["Visit"], None]

_BODY_KEPT = 1024
_ANSWER_KEPT = 4096
GONE = 499
"""The status of those who went away before they had their answer, as nginx counts them. Nobody is sent it."""


class TooSlow(Exception):  # noqa: N818 - it says what the client is
    """The body came too slowly. Answer 408 and close the connection."""


class ClientGone(Exception):  # noqa: N818 - it says what happened
    """The client closed the connection before its body was whole, or reads no answer. There is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client may let us wait for its body: `seconds`, and one more for each `bytes_a_second` that came.

    And for its reading of a streamed answer: `stalled_s` for each piece, which is held back until it has read what
    was sent before but for the last 16 to 64 KiB. Somebody's view of the store may be open for so long.
    """

    seconds: float = 30.0
    bytes_a_second: int = 100 * 1024
    stalled_s: float = 60.0


class Visit:
    """Passes a request's messages on, in both directions, and keeps what receipts and metrics are made of."""

    def __init__(  # noqa: PLR0913, PLR0917 - what ASGI gives, and what the doorman adds
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        name: str,
        headers: Iterable[Header],
        patience: Patience,
        ended: Ended,
    ) -> None:
        """`headers` are added to the answer, unless it has its own; `ended` is called before its last byte."""
        self.scope = scope
        self.name = name
        self.method = scope["method"]
        self.path = scope["raw_path"].decode("latin-1")  # as it came: no line break gets into the log
        self.status = GONE
        self.started = False
        self.gone = False
        self._complete = False
        self._receive, self._send = receive, send
        self._headers = headers
        self._patience = patience
        self._ended = ended
        self._began = time.perf_counter()
        self._received = 0
        self._waited = 0.0
        self._whole = False
        self._body: list[bytes] = []
        self._answer: list[bytes] = []
        self._answered = 0

    @property
    def endpoint(self) -> str | None:
        """Give the route's template, `/statistics/{sensor}`, or None if it is none of ours."""
        return self.scope.get("path_template")

    @property
    def who(self) -> str | None:
        """Give who asks, if anybody knows."""
        return asker.of(self.scope)

    @property
    def seconds(self) -> float:
        """Give how long it has taken until now."""
        return time.perf_counter() - self._began

    @property
    def body(self) -> bytes:
        """Give the first KiB of the request's body, as far as it was read."""
        return b"".join(self._body)[:_BODY_KEPT]

    @property
    def answer(self) -> bytes:
        """Give the first 4 KiB of the answer's body, if it is an error."""
        return b"".join(self._answer)[:_ANSWER_KEPT]

    async def receive(self) -> Message:
        """Give the next message from the client. Raises TooSlow or ClientGone while its body is not whole."""
        if self._whole:
            return await self._receive()
        message = await self._patiently()
        if message["type"] == "http.disconnect":
            self.gone = True
            raise ClientGone
        chunk = message.get("body", b"")
        if self._received < _BODY_KEPT:
            self._body.append(chunk[:_BODY_KEPT])
        self._received += len(chunk)
        self._whole = not message.get("more_body", False)
        return message

    async def _patiently(self) -> Message:
        # What counts is the time that the client lets us wait, not the time that we take for what it has sent.
        left = self._patience.seconds + self._received / self._patience.bytes_a_second - self._waited
        began = time.perf_counter()
        try:
            async with asyncio.timeout(left):
                return await self._receive()
        except TimeoutError:
            raise TooSlow("The body came too slowly.") from None
        finally:
            self._waited += time.perf_counter() - began

    async def send(self, message: Message) -> None:
        """Pass the answer on. Raises ClientGone if the client does not read."""
        if message["type"] == "http.response.start":
            self._start(message)
        elif message["type"] == "http.response.body":
            self._keep_error(message.get("body", b""))
            if message.get("more_body", False):
                await self._send_patiently(message)
                return
            self.end()
        await self._send(message)

    async def _send_patiently(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._patience.stalled_s):
                await self._send(message)
        except TimeoutError:
            self.gone = True
            raise ClientGone from None

    def _start(self, message: Message) -> None:
        self.started = True
        self.status = GONE if self.gone else message["status"]
        own = {name.lower() for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *(h for h in self._headers if h[0] not in own)]

    def _keep_error(self, body: bytes) -> None:
        if self.status >= 400 and self._answered < _ANSWER_KEPT:
            self._answer.append(body)
            self._answered += len(body)

    def end(self) -> None:
        """Tell, once, that it is over."""
        if self.gone:
            self.status = GONE
        if not self._complete:
            self._complete = True
            self._ended(self)
