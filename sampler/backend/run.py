"""Runs the backend from its settings to its end."""

import contextlib
import errno
import gc
import logging
import socket
from collections.abc import Callable, Iterator

from sampler.backend.app import opened
from sampler.backend.server import listening_socket, serve
from sampler.backend.settings import CannotStart, Settings
from sampler.backend.web import request_id


def run(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until a signal; `announce` gets one line at the start and one at the end. Raises CannotStart."""
    _log()
    with _listening(settings) as listener, opened(settings) as app:
        _spare_the_collector()
        serve(app, listener, lambda url: announce(f"listening on {url}"))
    announce("stopped")


def _spare_the_collector() -> None:
    """Let Python's collector pass over what stays to the end: to go through it held every request for 50 ms."""
    gc.collect()
    gc.freeze()


def _log() -> None:
    logging.basicConfig(format="%(levelname)s %(message)s%(request)s", level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(request_id.Named())


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    try:
        listener = listening_socket(settings.host, settings.port)
    except OSError as error:
        raise CannotStart(_why_no_socket(settings, error)) from error
    with listener:
        yield listener


def _why_no_socket(settings: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {settings.port} is taken: choose another with --port, 0 takes a free one"
    if error.errno == errno.EACCES:
        return f"port {settings.port} is not for this user: choose one above 1023 with --port"
    return f"cannot listen on {settings.host}: {error.strerror}; name an address of this machine with --host"
