"""One connection to the backend."""

import http.client
import io
import select
import socket
import ssl
from contextlib import suppress
from typing import Any


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


class Line(http.client.HTTPConnection):
    """A connection that is opened when it is first needed, kept, and can be hung up by another thread.

    Each wait on its socket lasts at most `timeout_s`. With `tls` the other end must prove to be `server`.
    """

    response_class = _Response

    def __init__(
        self, host: str, port: int, timeout_s: float, *, tls: ssl.SSLContext | None, server: str
    ) -> None:
        super().__init__(host, port, timeout=timeout_s)
        self._tls, self._server = tls, server
        self._wire: socket.socket | None = None
        self.is_hung_up = False

    def connect(self) -> None:
        """Open the connection, first through the proxy if a tunnel is set, then with TLS. Raises OSError."""
        super().connect()
        if self._tls:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._server)
        self._wire = self.sock
        if self.is_hung_up:  # meanwhile: nothing may be sent any more
            raise ConnectionAbortedError("hung up")

    def make_ready(self) -> None:
        """Open the connection, also if the kept one is closed at the other end, or talks without being asked."""
        if self.sock is not None:
            poll = select.poll()
            poll.register(self.sock, select.POLLIN)
            if not poll.poll(0):
                return
            self.close()
        self.connect()

    def hang_up(self) -> None:
        """End for good whatever waits on this connection. For any thread."""
        self.is_hung_up = True
        wire = self.sock or self._wire  # while its last answer is read, a connection has no socket any more
        if wire is not None:
            with suppress(OSError):  # it is closed already
                socket.socket.shutdown(wire, socket.SHUT_RDWR)  # not TLS's own, which disturbs its reader
