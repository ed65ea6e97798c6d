"""One connection: what the server does with it before there is a request, and with what is none."""

import asyncio
import socket
import struct
from contextvars import copy_context
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from sampler.backend.web import problems, request_id
from sampler.backend.web.doorman import headers_of_each
from sampler.backend.web.lingering import LINGERS_S, Lingering
from sampler.backend.web.refusals import Refusals
from sampler.backend.web.unframed import Unframed

_HEADERS_WITHIN_S = 30.0
_READS_WITHIN_S = 75.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MAX_HEADER_BYTES = 64 * 1024
_TOO_LONG = f"The headers must not be longer than {_MAX_HEADER_BYTES} bytes."
_NO_HTTP = "Invalid HTTP request received."
_NOT_ONE_HOST = "There must be one header Host."


class Connection(HttpToolsProtocol):
    """Hangs up on a client that gets on neither with its headers nor with our answer, and refuses what is not HTTP.

    An offer to go on in another protocol (RFC 9110, 7.8) is not taken up, and what follows it is read as ever: Java's
    client makes one in each first request, and sends its body with it.
    """

    headers_within_s = _HEADERS_WITHIN_S
    reads_within_s = _READS_WITHIN_S
    lingers_s = LINGERS_S
    refusals: Refusals | None = None
    """Tells the log."""
    url = b""
    _ending: Lingering
    """The transport, as the server and we close it."""
    _giving_up: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _bytes_besides_bodies = 0
    _again = b""
    """The head that is to be read instead of the one before, which offers another protocol."""
    _refused = False
    _hurries = False
    _before: RequestResponseCycle | None = None
    """The request before the latest one, if there was one."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._ending = Lingering(transport, self._may_send_on, self.lingers_s)
        self.transport = self._ending  # type: ignore[assignment] # it does what the other does
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        """Read it; refuse headers that are too many or too long: all of them are held until the last is there."""
        if self._ending.lingers:
            self._ending.discard(data)
        if self._refused or self._ending.lingers:
            return
        self._bytes_besides_bodies += len(data)
        try:
            self._read(data)
        except httptools.HttpParserError:
            come = max(self._bytes_besides_bodies, self._head_bytes) if self._giving_up else 0
            self._refuse(*((431, _TOO_LONG) if come > _MAX_HEADER_BYTES else (400, _NO_HTTP)))
        if self._bytes_besides_bodies > _MAX_HEADER_BYTES:
            self._refuse(431, _TOO_LONG)

    def _read(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
                data = b""
            except httptools.HttpParserUpgrade as upgrade:
                data, self._again = self._again + data[upgrade.args[0] :], b""

    def eof_received(self) -> bool | None:  # type: ignore[override] # as asyncio has it
        """Answer a request that is whole also to a client that has shut its half of the connection."""
        self._hurries = True  # nothing more will come
        if self._last_due is None:
            return None
        self._end_after(self._last_due)
        return True

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a request's headers."""
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._wait_for_headers()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those behind a body would be taken for headers, and may have no end."""
        if self._giving_up:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Leave it to the doorman now."""
        if self._head_bytes > _MAX_HEADER_BYTES:
            self._refuse(431, _TOO_LONG)
            raise ValueError(_TOO_LONG)
        self._stop_waiting()
        version = self.parser.get_http_version()
        if version not in {"1.0", "1.1"}:
            raise ValueError(_NO_HTTP)
        if version == "1.1" and sum(name == b"host" for name, _ in self.headers) != 1:
            self._refuse(400, _NOT_ONE_HOST)  # RFC 9112, 3.2
            raise ValueError(_NOT_ONE_HOST)
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._again = self._head_without_offer()
        else:
            before = self.cycle
            super().on_headers_complete()
            self._before = before

    @property
    def _head_bytes(self) -> int:
        """How much has been read of the latest head: it may have come at once, and together with what follows it."""
        return len(self.url) + sum(len(name) + len(value) + 3 for name, value in self.headers or ())

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        run: Any = Unframed(app, cycle) if cycle.scope["http_version"] == "1.0" else app
        super()._start_asgi_task(cycle, run)

    def _head_without_offer(self) -> bytes:
        lines = [
            b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        ]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def on_body(self, body: bytes) -> None:
        """Pass it on."""
        self._bytes_besides_bodies = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        if not self._again:
            super().on_message_complete()
            self.cycle.more_body = False  # also of one that was answered before it was whole

    def pause_writing(self) -> None:
        """Begin to see whether the client reads: what waits for it is held, also by a connection that is closing."""
        super().pause_writing()
        self._see_it_read_on(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Note that it has read."""
        self._stop_seeing()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        self._stop_seeing()
        self.transport.close()  # also if it was lingering
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Wait for nobody's body when the server ends."""
        self._hurries = True
        super().shutdown()

    @property
    def _last_due(self) -> RequestResponseCycle | None:
        """The latest request that is whole and was not answered."""
        found = (cycle for cycle in self._cycles if not cycle.more_body)
        return next((cycle for cycle in found if not cycle.response_complete), None)

    @property
    def _cycles(self) -> list[RequestResponseCycle]:
        """The latest request, and the one before it, as far as there are any."""
        return [cycle for cycle in (self.cycle, self._before) if cycle is not None]

    def _end_after(self, due: RequestResponseCycle) -> None:
        """Let its answer be the last; a request behind it that is not whole is never begun."""
        due.keep_alive = False
        if due is not self.cycle and self.pipeline and self.pipeline[0][0] is self.cycle:
            self.pipeline.popleft()

    @property
    def _was_answered_early(self) -> bool:
        """Whether the latest request was answered, at least in part, and is not whole."""
        return self.cycle is not None and self.cycle.more_body and self.cycle.response_started

    def _may_send_on(self) -> bool:
        """Whether, when all is answered, something may still come that would have the kernel reset the connection."""
        if self._hurries or any(
            cycle.response_started and not cycle.response_complete for cycle in self._cycles
        ):
            return False
        return self._refused or (self.cycle is not None and self.cycle.more_body)

    def _refuse(self, status: int, words: str) -> None:
        """Answer what cannot be read, and close; where another answer is due or was given, close only."""
        if self._refused:
            return
        self._refused = True
        self._stop_waiting()
        if self._last_due is not None:
            self._end_after(self._last_due)
        elif self._was_answered_early:
            self.transport.close()
        else:
            self._answer_and_close(status, words)

    def _answer_and_close(self, status: int, words: str) -> None:
        copy_context().run(self._answer, status, words)  # the name is that of this answer alone
        self.transport.close()

    def _answer(self, status: int, words: str) -> None:
        name = request_id.begin(())
        answer = problems.body(status, words)
        headers = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(answer)).encode()),
            (b"connection", b"close"),
            *headers_of_each(name),
        ]
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        lines += [b"%b: %b" % header for header in headers]
        self.transport.write(b"\r\n".join([*lines, b"", answer]))
        if self.refusals:
            self.refusals.tell(status, "(no request)", answer)

    def _see_it_read_on(self, waiting: int) -> None:
        self._unread = self.loop.call_later(self.reads_within_s, self._hang_up_unless_it_has, waiting)

    def _hang_up_unless_it_has(self, waiting: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left < waiting:
            self._see_it_read_on(left)
        else:
            # A reset: else the kernel holds for minutes what the client has not read.
            connection: socket.socket = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self.transport.abort()

    def _stop_seeing(self) -> None:
        if self._unread:
            self._unread.cancel()
            self._unread = None

    def _wait_for_headers(self) -> None:
        self._stop_waiting()
        self._bytes_besides_bodies = 0
        self._giving_up = self.loop.call_later(self.headers_within_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._giving_up:
            self._giving_up.cancel()
            self._giving_up = None
