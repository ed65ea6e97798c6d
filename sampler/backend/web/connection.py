"""One connection: what the server does with it before there is a request, and with what is none."""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sampler.backend.web import problems

_HEADERS_WITHIN_S = 30.0
_MAX_HEADER_BYTES = 64 * 1024


class Connection(HttpToolsProtocol):
    """Closes the connection of a client that does not get on with its headers, and refuses what is not HTTP."""

    headers_within_s = _HEADERS_WITHIN_S
    _giving_up: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        """Refuse headers that are too many or too long; all of them are held until the last is there."""
        if self._giving_up:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._giving_up and self._header_bytes > _MAX_HEADER_BYTES and not self.transport.is_closing():
            self._refuse(431, f"The headers must not be longer than {_MAX_HEADER_BYTES} bytes.")

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
        self._refuse(400, msg)

    def _refuse(self, status: int, words: str) -> None:
        answer = problems.body(status, words, request_id=None)
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            f"content-type: {problems.MEDIA_TYPE}\r\ncontent-length: {len(answer)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + answer)
        self.transport.close()

    def _wait_for_headers(self) -> None:
        self._stop_waiting()
        self._header_bytes = 0
        self._giving_up = self.loop.call_later(self.headers_within_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._giving_up:
            self._giving_up.cancel()
            self._giving_up = None
