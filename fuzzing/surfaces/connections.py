"""Bytes on a connection of the backend, in any pieces: what is HTTP is answered once, what is none is refused once."""

import asyncio
import logging
import re
from atexit import register
from collections.abc import Iterator
from functools import cache
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from fuzzing.cutting import header, pieces
from fuzzing.target import Target
from sampler.backend.web.connection import Connection
from sampler.backend.web.doorman import Doorman

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_NUMBER = re.compile(rb"<(\d+)>")
_ANSWER = re.compile(rb"<\d+> \d+")


class Wire(asyncio.Transport):
    """Remembers what is written, and holds back what comes while reading is paused, as a socket would.

    `ended`: nothing more is written, though what comes is read on.
    """

    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 80), "peername": ("127.0.0.1", 5000)})
        self.sent = bytearray()
        self.closed = self.ended = self.paused = self.late = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.late = self.late or self.ended or self.closed
        self.sent += data

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class House:
    """An application that reads bodies whole and numbers its answers, and what was logged of it."""

    def __init__(self) -> None:
        self.seen = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen += 1
        number, size, more = self.seen, 0, scope["path"] != "/early"
        while more:
            message = await receive()
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        body = b"<%d> %d" % (number, size)
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


class _Faults(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.seen.append(self.format(record))


@cache
def loop() -> asyncio.AbstractEventLoop:
    made = asyncio.new_event_loop()
    register(made.close)
    return made


def one(data: bytes) -> None:
    (how,), said = header(data, 1)
    whole = answers([said])
    others = [answers(pieces(said, cut), hasty=hasty) for cut in {0, how} for hasty in (False, True)]
    if (
        b"/early" not in said
    ):  # whether that is answered before the rest of it is seen to be wrong, time decides
        assert others == [whole] * len(others)


def answers(parts: list[bytes], *, hasty: bool = False) -> list[bytes]:
    """Give the application's answers.

    What comes behind them may be refused in words, or by hanging up, if an answer was due at that moment.
    """
    return _ANSWER.findall(loop().run_until_complete(spoken(parts, hasty=hasty)))


async def spoken(parts: list[bytes], *, hasty: bool = False) -> bytes:
    """Say that, hang up, and give what was answered; one that is hasty leaves no time between."""
    house, wire, faults = House(), Wire(), _Faults()
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "sampler.backend")]
    for logger in loggers:
        logger.addHandler(faults)
    loop().set_exception_handler(lambda _, context: faults.seen.append(str(context)))
    config = uvicorn.Config(Doorman(house), http=Connection, ws="none", lifespan="off", log_config=None)
    connection = Connection(config, ServerState(), {}, loop())
    try:
        await talk(connection, wire, parts, hasty=hasty)
    finally:
        for logger in loggers:
            logger.removeHandler(faults)
    assert faults.seen == []
    assert not wire.late, "it speaks on after it has hung up"
    assert not connection.tasks, "somebody still waits"
    assert connection._giving_up is None
    check_answers(bytes(wire.sent), house.seen)
    return bytes(wire.sent)


async def talk(connection: Connection, wire: Wire, parts: list[bytes], *, hasty: bool) -> None:
    connection.connection_made(wire)
    for part in parts:
        if wire.closed:
            break
        if not hasty:
            assert not wire.paused, "nobody takes up reading again"
        connection.data_received(part)  # what was read already comes also where reading is paused
        if not hasty:
            await settled()
    if not wire.closed and connection.eof_received():
        await settled()
        assert wire.closed, "the client has said all and is not answered"
    connection.connection_lost(None)
    await settled()


async def settled() -> None:
    """Let everything go on until it waits for something."""
    for _ in range(10_000):
        await asyncio.sleep(0)
        if not loop()._ready:  # type: ignore[attr-defined]
            return
    raise AssertionError("it never comes to rest")


def check_answers(sent: bytes, seen: int) -> None:
    statuses = [status for status in _STATUS.findall(sent) if status != b"100"]
    numbers = [int(number) for number in _NUMBER.findall(sent)]
    assert numbers == sorted(set(numbers)), "an answer came twice"
    assert not numbers or numbers[-1] <= seen
    assert len(statuses) <= seen + 1
    refusals = [status for status in statuses if status != b"200"]
    assert len(refusals) <= 1
    assert not refusals or statuses[-1] == refusals[0], "something came behind a refusal"


def seeds() -> Iterator[bytes]:
    host = b"Host: x\r\n"
    yield b"\0GET / HTTP/1.1\r\n" + host + b"\r\n"
    yield b"\1POST /data HTTP/1.1\r\n" + host + b"Content-Length: 5\r\n\r\nhelloGET /early HTTP/1.0\r\n\r\n"
    yield (
        b"\2POST / HTTP/1.1\r\n"
        + host
        + b"Transfer-Encoding: chunked\r\nTrailer: a\r\n\r\n5;x=y\r\nhello\r\n0\r\na: b\r\n\r\n"
    )
    yield (
        b"\3GET /%C3%A9?a=b HTTP/1.1\r\n"
        + host
        + b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\r\n"
        + host
        + b"\r\n"
    )
    yield (
        b"\4POST / HTTP/1.1\r\n"
        + host
        + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nok"
        + b"HEAD / HTTP/1.1\r\n"
        + host
        + b"Connection: close\r\n\r\nGET /"
    )
    yield (
        b"\1GET / HTTP/1.1\r\n"
        + host
        + b"\r\nPOST / HTTP/1.1\r\n"
        + host
        + b"Transfer-Encoding: chunked\r\n\r\nx\r\n"
    )
    yield b"\5CONNECT a:1 HTTP/1.1\r\n" + host + b"\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield (
        b"\6POST /early HTTP/1.1\r\n"
        + host
        + b"Content-Length: 9\r\n\r\n123456789GET http://a/b HTTP/1.1\r\n"
        + host
        + host
        + b"\r\n"
    )


TARGET = Target(
    "connections, HTTP",
    one,
    seeds,
    (
        *(
            b"GET ",
            b"POST ",
            b"HEAD ",
            b"CONNECT ",
            b"OPTIONS * ",
            b"/early",
            b" HTTP/1.1\r\n",
            b" HTTP/1.0\r\n",
            b"Host: x\r\n",
        ),
        *(
            b"Content-Length: 3\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Connection: close\r\n",
            b"Connection: Upgrade\r\n",
        ),
        *(
            b"Upgrade: websocket\r\n",
            b"Expect: 100-continue\r\n",
            b"\r\n\r\n",
            b"0\r\n\r\n",
            b"ffffffffffffffff\r\n",
        ),
    ),
    longest=2048,
    quick=60,
)
