"""Serves the application on a socket until a signal ends it."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

from sampler.backend.web.connection import Connection
from sampler.backend.web.doorman import Doorman

_GRACE_S = 1
_KEEP_ALIVE_S = 75


def listening_socket(host: str, port: int) -> socket.socket:
    """Bind to the address; port 0 takes one that is free. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.create_server(address[:2], family=family, backlog=1024)
    # asyncio sets it on its own sockets only; without it each answer waits 40 ms for the client to ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url(listener: socket.socket) -> str:
    """Name what a client is to be pointed at."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: Doorman, listener: socket.socket, announce: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or SIGINT; those being answered then have a second to finish."""

    class OurConnection(Connection):
        refusals = app.refusals

    config = uvicorn.Config(
        app,
        http=OurConnection,
        ws="none",
        log_config=None,
        access_log=False,
        log_level="error",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_worth_saying)
    with _signals_as_exit():
        _Server(config, announce, app.stop).run([listener])


def _is_worth_saying(record: logging.LogRecord) -> bool:
    if record.msg == "ASGI callable returned without completing response.":
        return False  # the doorman has said why, unless it is the client's affair
    # That requests are cut off at the end is said in a line; where in the code each was is nobody's concern.
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


class _Server(uvicorn.Server):
    """Says where it listens as soon as it does, and that it will end as soon as it knows."""

    def __init__(
        self, config: uvicorn.Config, announce: Callable[[str], None], stop: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._stop = stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stop()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            self._announce(url(listener))


@contextlib.contextmanager
def _signals_as_exit() -> Iterator[None]:
    """End with success at the two signals that mean "stop".

    The server raises them again when it has shut down, for the handlers that were there before: these.
    """
    before = {number: signal.signal(number, _exit) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except SystemExit as end:
        if end.code:
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
