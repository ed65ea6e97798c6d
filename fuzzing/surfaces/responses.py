"""Bytes on the device's connection in place of an answer: it was delivered, or it is kept, or set aside."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic
from typing import Any
from unittest import mock

from fuzzing.surfaces.answers import check_line
from fuzzing.target import Target
from sampler.device.client import Client, Rejected, Unreachable
from sampler.device.config import BackendConfig

_BACKEND = BackendConfig("http://backend")
_PATIENCE_S = 5.0


def one(said: bytes) -> None:
    began = monotonic()
    with ExitStack() as stack:

        def connected(*_: Any, **__: Any) -> socket.socket:
            ours, theirs = socket.socketpair()
            stack.enter_context(theirs)
            theirs.sendall(said)
            theirs.shutdown(socket.SHUT_WR)
            return ours

        stack.enter_context(mock.patch("urllib3.util.connection.create_connection", connected))
        client = Client(_BACKEND, "kitchen")
        stack.callback(client.close)
        try:
            client.probe()
        except (Unreachable, Rejected) as error:
            assert error.reason
            check_line(error.reason)
        else:
            assert any(map(_is_2xx, said.decode("latin-1").split("\n"))), "nobody said that it was delivered"
    assert monotonic() - began < _PATIENCE_S


def _is_2xx(line: str) -> bool:
    """Tell whether the library takes a line for a status of 2xx: cut at white space of Latin-1, and a number."""
    try:
        version, status = line.split(maxsplit=2)[:2]
        return version.startswith("HTTP/") and 200 <= int(status) <= 299
    except ValueError:
        return False


def seeds() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    yield b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    yield b"HTTP/1.0 500 Internal Server Error\r\n\r\ntrace"
    problem = b'{"errors":{"Avg":["is required"]}}'
    yield b"HTTP/1.1 400 \r\nContent-Type: application/problem+json\r\nContent-Length: 34\r\n\r\n" + problem
    yield b"HTTP/1.1 503 \r\nRetry-After: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    yield b"HTTP/1.1 413 Too Large\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n\x1f\x8b"
    yield b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nSet-Cookie: a=b\r\n\r\n"
    yield b"SSH-2.0-OpenSSH_9.2\r\n"
    yield b"\x1cHTTP/1.1\xa0200\n\n"


TARGET = Target(
    "answers as bytes",
    one,
    seeds,
    (
        *(
            b"HTTP/1.1 ",
            b" 200 ",
            b" 400 ",
            b"\r\n",
            b"\r\n\r\n",
            b"Content-Length: ",
            b"Transfer-Encoding: chunked\r\n",
        ),
        *(
            b"Retry-After: ",
            b"Location: ",
            b"Content-Type: application/json\r\n",
            b"-1",
            b"ffffffff",
            b"HTTP/1.1 100 \r\n\r\n",
        ),
    ),
    longest=1024,
    quick=60,
)
