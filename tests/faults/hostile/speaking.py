"""Bytes for a server, and what it answers to them."""

import contextlib
import json
import re
import socket
from collections.abc import Mapping

Case = tuple[bytes, tuple[str, ...]]
"""What is sent, and what is answered to it: for each answer its status and why, and at the end ON or END."""
ON = "and on"
"""What follows on the connection is read as a request of its own."""
END = "the end"
"""The connection is closed, and what follows is not read."""

HOST = b"Host: x\r\n"
USER = b"USER"
"""In a case: the headers of a logged-in user."""
_LAST = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: the-last\r\nConnection: close\r\n\r\n"
_NAMED_LAST = b"x-request-id: the-last\r\n"
_SHORT = 60


def get(target: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    """A request without a body."""
    return b"%b %b HTTP/1.1\r\n%b%b\r\n" % (
        method,
        target,
        HOST,
        b"".join(b"%b\r\n" % line for line in headers),
    )


def post(target: bytes, body: bytes, *headers: bytes, kind: bytes = b"application/json") -> bytes:
    """A request with a body and its length."""
    more = (b"Content-Type: %b" % kind, b"Content-Length: %d" % len(body), *headers)
    return get(target, *more, method=b"POST") + body


def framed(body: bytes, *headers: bytes, target: bytes = b"/data") -> bytes:
    """The same where the headers say how long the body is, or say it wrongly."""
    return get(target, b"Content-Type: application/json", *headers, method=b"POST") + body


def said(port: int, sent: bytes) -> tuple[str, ...]:
    """Send that and a last request behind it, and give the answers as a case has them."""
    raw = _received(port, sent + _LAST)
    answers = [piece for piece in raw.split(b"HTTP/1.1 ") if piece]
    last = [answer for answer in answers if _NAMED_LAST in answer]
    return (*(_told(answer) for answer in answers if answer not in last), ON if last else END)


def _received(port: int, sent: bytes) -> bytes:
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        with contextlib.suppress(ConnectionError):  # some of it is refused before all of it is sent
            client.sendall(sent)
        with contextlib.suppress(ConnectionResetError):
            while piece := client.recv(65536):
                received += piece
    return received


def _told(answer: bytes) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head:
        body = re.sub(rb"(^|\r\n)[0-9a-f]+\r\n", b"", body).strip()
    return f"{answer[:3].decode()} {_why(body)}".rstrip()


def _why(body: bytes) -> str:
    """What a problem says, or else the whole of a short answer."""
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if isinstance(said, Mapping) and "title" in said:
        errors = "; ".join(f"{name}: {' '.join(words)}" for name, words in said.get("errors", {}).items())
        return str(said.get("reason") or said.get("detail") or errors)
    return body.decode(errors="replace") if len(body) <= _SHORT else ""
