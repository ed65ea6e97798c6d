"""A backend that does, on a real socket, what backends do at their worst."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Request:
    """What the client asked: names of headers are in small letters."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Conversation:
    """One connection, seen from the server."""

    def __init__(self, connection: socket.socket, server: "MisbehavingServer") -> None:
        self.connection, self.server = connection, server
        self.is_over = False
        self._heard = b""

    def wait(self) -> None:
        """Wait for the first bytes of a request. Raises ConnectionError when the client has gone instead."""
        self._heard = self._receive()

    def read_request(self) -> None:
        """Read the rest of the request and note it."""
        while b"\r\n\r\n" not in self._heard:
            self._heard += self._receive()
        head, _, body = self._heard.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): text.strip() for name, _, text in (one.partition(":") for one in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += self._receive()
        self.server.requests.append(Request(line, headers, body))

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def pause(self, seconds: float) -> None:
        """Wait, at most until the server's end."""
        if self.server.ending.wait(seconds):
            raise ConnectionAbortedError

    def hang_up(self) -> None:
        self.is_over = True

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.is_over = True

    def _receive(self) -> bytes:
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionAbortedError
        return data


Behaviour = Callable[[Conversation], None]


def answer(status: int = 200, body: bytes | str = b"", **headers: str) -> Behaviour:
    """A well-formed answer; `retry_after="5"` is a header of it."""
    payload = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(payload)}"]
    lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
    return raw("\r\n".join([*lines, "", ""]).encode() + payload, hangs_up=False)


def problem(status: int, **members: Any) -> Behaviour:
    """An answer as RFC 9457 describes it."""
    return answer(status, json.dumps(members), content_type="application/problem+json; charset=utf-8")


def raw(data: bytes, *, hangs_up: bool = True) -> Behaviour:
    """Exactly these bytes for an answer."""

    def behave(conversation: Conversation) -> None:
        conversation.read_request()
        conversation.say(data)
        if hangs_up:
            conversation.hang_up()

    return behave


def drip(data: bytes, every_s: float, *, at_once: bytes = b"") -> Behaviour:
    """These bytes one by one, after some that come at once."""

    def behave(conversation: Conversation) -> None:
        conversation.read_request()
        conversation.say(at_once)
        for byte in data:
            conversation.pause(every_s)
            conversation.say(bytes([byte]))

    return behave


def hang(conversation: Conversation) -> None:
    conversation.read_request()
    conversation.wait()


def reset_before_reading(conversation: Conversation) -> None:
    conversation.reset()


def reset_after_reading(conversation: Conversation) -> None:
    conversation.read_request()
    conversation.reset()


class MisbehavingServer:
    """Meets each request with the next of its behaviours, and from then on with the last one."""

    def __init__(self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.behaviours = list(behaviours) or [answer()]
        self.requests: list[Request] = []
        self.connections = 0
        self.ending = threading.Event()
        self.has_hung_up = threading.Event()
        """Set while no connection is open that was."""
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, name="misbehaving-server")
        self._talks: list[tuple[threading.Thread, socket.socket]] = []

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ending.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for thread, connection in self._talks:
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # the end
                return
            self.connections += 1
            self.has_hung_up.clear()
            thread = threading.Thread(target=self._talk, args=(connection,), name="misbehaving-server")
            self._talks.append((thread, connection))
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with connection:
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    self._behave(Conversation(connection, self))
        except OSError:  # the client has gone, or does not trust us
            pass
        self.has_hung_up.set()

    def _behave(self, conversation: Conversation) -> None:
        while not conversation.is_over:
            conversation.wait()
            behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
            behaviour(conversation)
