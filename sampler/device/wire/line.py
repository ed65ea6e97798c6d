"""The connection to the backend, which another thread can hang up."""

import http.client
import io
import socket
import ssl
from contextlib import suppress
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection


class Line:
    """Holds the end of whatever connection is open at the moment."""

    def __init__(self) -> None:
        self._wire: socket.socket | None = None
        self._is_hung_up = False

    def holds(self, wire: socket.socket | None) -> None:
        """Take note of a new connection's socket; too late, and nothing goes over it any more."""
        self._wire = wire
        if self._is_hung_up:
            self.hang_up()

    def hang_up(self) -> None:
        """End for good whatever waits on this line. For any thread."""
        self._is_hung_up = True
        if self._wire is not None:
            with suppress(OSError):  # it is closed already
                # Not TLS's own, which disturbs its reader.
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)


class _WholeLines(io.BufferedReader):
    """Reads lines to their ends: http.client takes the end of a connection for the end of the headers."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size:
            raise http.client.RemoteDisconnected("closed before the answer was whole")
        return line


class _Response(http.client.HTTPResponse):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = _WholeLines(self.fp.detach())


class Connection(HTTPConnection):
    """Plain, or to a proxy."""

    response_class = _Response

    def __init__(self, line: Line, **options: Any) -> None:
        super().__init__(**options)
        self._line = line

    def _new_conn(self) -> socket.socket:
        wire = super()._new_conn()
        self._line.holds(wire)  # a proxy's answer is still to come
        return wire

    def connect(self) -> None:
        """Open the connection. Raises OSError or urllib3's errors."""
        super().connect()
        self._line.holds(self.sock)  # with TLS another one; its handshake as a whole has a time-out


class TlsConnection(Connection, HTTPSConnection):
    """With TLS, also through a proxy."""

    def send(self, data: Any) -> None:
        """Send, or raise what urllib3 knows: the other end may have said why before it closed."""
        try:
            super().send(data)
        except ssl.SSLEOFError as error:
            raise BrokenPipeError from error
