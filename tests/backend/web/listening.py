"""An application on a real socket, in a thread of the test's process."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn

from sampler.backend.server import listening_socket
from sampler.backend.web.connection import Connection
from tests.backend.web.asgi import App

Address = tuple[str, int]


@contextlib.contextmanager
def listening(
    app: App, connection: type[Connection] = Connection, keep_alive_s: float = 75
) -> Iterator[Address]:
    """Serve it; gives the address where."""
    with listening_socket("127.0.0.1", 0) as listener:
        config = uvicorn.Config(app, http=connection, ws="none", lifespan="off", log_config=None)
        config.timeout_keep_alive = keep_alive_s  # type: ignore[assignment] # fractions are fine, too
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join()


def say(address: Address, request: bytes, *, shut: bool = False) -> bytes:
    """Send that, and maybe say that it is all, and give what comes until the other side hangs up."""
    pieces = []
    until = time.monotonic() + 5
    with socket.create_connection(address, timeout=5) as client:
        with contextlib.suppress(ConnectionError):  # some of it may be refused before all of it is sent
            client.sendall(request)
        if shut:
            client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):  # so it hangs up with something unread
            while piece := client.recv(65536):
                pieces.append(piece)
                assert time.monotonic() < until, "it does not hang up"
    return b"".join(pieces)
