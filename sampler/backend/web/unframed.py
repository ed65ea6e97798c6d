"""Answers in HTTP/1.0, which knows no chunks (RFC 9112, 6.1): one of unknown length ends with the connection."""

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from sampler.backend.web.visit import App, Message, Receive, Scope, Send


class Unframed:
    """The application as the server is to run it for such a request."""

    def __init__(self, app: App, cycle: RequestResponseCycle) -> None:
        self._app = app
        self._cycle = cycle
        self._length_is_known = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it."""

        async def unframed(message: Message) -> None:
            self._prepare(message)
            await send(message)

        await self._app(scope, receive, unframed)

    def _prepare(self, message: Message) -> None:
        """Tell the server that the message is as long as it should be: else it makes a chunk of it."""
        if message["type"] == "http.response.start":
            self._length_is_known = any(name.lower() == b"content-length" for name, _ in message["headers"])
            if not self._length_is_known:
                self._cycle.chunked_encoding = False
        elif not self._length_is_known:
            self._cycle.expected_content_length = len(message.get("body", b""))
