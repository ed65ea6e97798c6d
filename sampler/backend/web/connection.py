"""One connection: what the server does with it before there is a request, and with what is none."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sampler.backend.web import problems

_HEADERS_WITHIN_S = 30.0


class Connection(HttpToolsProtocol):
    """Closes the connection of a client that does not get on with its headers, and refuses what is not HTTP."""

    headers_within_s = _HEADERS_WITHIN_S
    _giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_headers()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a request's headers."""
        super().on_message_begin()
        self._wait_for_headers()

    def on_headers_complete(self) -> None:
        """Leave it to the doorman now."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, and close."""
        answer = problems.body(400, msg, request_id=None)
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            f"content-type: {problems.MEDIA_TYPE}\r\ncontent-length: {len(answer)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + answer)
        self.transport.close()

    def _wait_for_headers(self) -> None:
        self._stop_waiting()
        self._giving_up = self.loop.call_later(self.headers_within_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._giving_up:
            self._giving_up.cancel()
            self._giving_up = None
