"""A connection before there is a request, and what is none, on a real socket."""

import json
import select
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sampler.backend.web.connection import Connection
from sampler.backend.web.doorman import Doorman
from sampler.backend.web.visit import GONE, Patience, Visit
from tests.backend.web.asgi import answering
from tests.backend.web.listening import Address, listening, say
from tests.backend_process import BackendProcess

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Hasty(Connection):
    headers_within_s = 0.1


class Expectant(Connection):
    reads_within_s = 0.5


LONG = bytes(20_000_000)
"""More than the buffers on the way hold."""


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with listening(Doorman(answering(), patience=Patience(seconds=0.1))) as address:
        yield address


@pytest.fixture(scope="module")
def hasty() -> Iterator[Address]:
    with listening(Doorman(answering()), Hasty) as address:
        yield address


@pytest.mark.parametrize(
    "nonsense",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"bad header\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_is_a_problem_and_the_end(address: Address, nonsense: bytes) -> None:
    answer = say(address, nonsense)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head
    assert json.loads(body) == {
        "title": "Bad Request",
        "status": 400,
        "detail": "Invalid HTTP request received.",
        "request_id": headers(head)[b"x-request-id"].decode(),
    }


def headers(head: bytes) -> dict[bytes, bytes]:
    return dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])


def test_what_is_no_http_is_answered_with_the_headers_of_every_answer(address: Address) -> None:
    refused, again, answered = (
        headers(say(address, sent).partition(b"\r\n\r\n")[0])
        for sent in (b"nonsense\r\n\r\n", b"nonsense\r\n\r\n", LAST)
    )

    own = {b"server", b"date", b"transfer-encoding"}  # the server's
    assert set(refused) == set(answered) - own | {b"content-type", b"content-length"}
    assert refused.pop(b"x-request-id") != again.pop(b"x-request-id")
    assert refused == again


@pytest.mark.real
def test_what_is_no_http_has_a_line_in_the_log_with_the_name_of_its_answer(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend:
        answers = [
            say(("127.0.0.1", backend.port), sent)
            for sent in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n")
        ]

        first, second = (json.loads(answer.partition(b"\r\n\r\n")[2])["request_id"] for answer in answers)
        assert backend.log.read_text().splitlines() == [
            f"WARNING 400 (no request): Invalid HTTP request received. [{first}]",
            f"WARNING 431 (no request): The headers must not be longer than 65536 bytes. [{second}]",
        ]


@pytest.mark.parametrize("beginning", [b"", b"GET", HEAD, b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"])
def test_who_does_not_get_on_with_the_headers_is_hung_up_on(hasty: Address, beginning: bytes) -> None:
    assert say(hasty, beginning).count(b"HTTP/1.1 200") == beginning.count(b"\r\n\r\n")


def test_a_body_may_take_longer_than_headers(hasty: Address) -> None:
    with socket.create_connection(hasty, timeout=0.3) as client:
        client.sendall(HEAD + b"Content-Length: 2\r\n\r\n1")
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(5)
        client.sendall(b"2")

        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_who_drips_a_body_is_told_408_and_hung_up_on(address: Address) -> None:
    answer = say(address, HEAD + b"Content-Length: 100\r\n\r\n1")

    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"detail":"The body came too slowly."' in answer


def test_who_does_not_read_a_streamed_answer_does_not_hold_what_it_streams_from(
    caplog: pytest.LogCaptureFixture,
) -> None:
    closed = threading.Event()

    async def streams(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            for _ in range(1000):  # more than the buffers on the way hold
                await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
        finally:
            closed.set()

    seen: list[Visit] = []
    doorman = Doorman(streams, [seen.append], patience=Patience(stalled_s=0.1))
    with listening(doorman) as address, socket.create_connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

        assert closed.wait(10)

    assert [visit.status for visit in seen] == [GONE]
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("end", [b"", b"Connection: close\r\n", b"\r\nGET / HTTP/1.1\r\nHost: x\r\n"])
def test_who_does_not_read_an_answer_is_hung_up_on(end: bytes) -> None:
    with (
        listening(Doorman(answering(body=LONG)), Expectant) as address,
        socket.create_connection(address) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + end + b"\r\n")
        hung_up = select.poll()
        hung_up.register(client, 0)  # tells of nothing but that

        assert hung_up.poll(5000) == [(client.fileno(), select.POLLERR | select.POLLHUP)]


def test_who_reads_slowly_gets_all_of_it() -> None:
    with (
        listening(Doorman(answering(body=LONG)), Expectant) as address,
        socket.create_connection(address, timeout=5) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        read, until = 0, time.monotonic() + 1.2
        while piece := client.recv(1_000_000):
            read += len(piece)
            if time.monotonic() < until:
                time.sleep(0.05)

    assert read > len(LONG)


async def in_pieces(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in (b"one,", b"", b"two"):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest.mark.parametrize(("method", "body"), [(b"GET", b"one,two"), (b"HEAD", b"")])
def test_a_streamed_answer_in_http_1_0_has_no_chunks_and_ends_with_the_connection(
    method: bytes, body: bytes
) -> None:
    with listening(Doorman(in_pieces)) as address:
        head, _, answer = say(address, method + b" / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").partition(
            b"\r\n\r\n"
        )

    assert (b"transfer-encoding" in head, b"\r\nconnection: close" in head, answer) == (False, True, body)


def test_an_answer_of_a_known_length_in_http_1_0_has_it() -> None:
    with listening(Doorman(answering(body=b"two", content_length="3"))) as address:
        answer = say(address, b"GET / HTTP/1.0\r\n\r\n")

    assert b"\r\ncontent-length: 3\r\n" in answer
    assert answer.endswith(b"\r\n\r\ntwo")


async def too_large(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer by the headers alone."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"no!", "more_body": False})


class Lingers(Connection):
    lingers_s = 0.5


BODY = b"Connection: close\r\nContent-Length: 300000000\r\n\r\n"


@pytest.fixture(scope="module")
def refusing() -> Iterator[Address]:
    with listening(Doorman(too_large), Lingers) as address:
        yield address


@pytest.mark.parametrize("size", [11 * 1024 * 1024, 70_000])
def test_who_sends_all_before_it_reads_is_told_what_it_is_refused_for(refusing: Address, size: int) -> None:
    url = "http://{}:{}/".format(*refusing)
    for _ in range(10):
        with pytest.raises(urllib.error.HTTPError, match="413") as told:
            urllib.request.urlopen(url, bytes(size), timeout=5)
        assert told.value.read() == b"no!"


def test_what_is_no_http_is_told_so_though_more_of_it_comes(refusing: Address) -> None:
    with socket.create_connection(refusing, timeout=5) as client:
        client.sendall(b"nonsense\r\n\r\n" + bytes(5_000_000))

        assert client.recv(1000).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("pause_s", [0.01, 1])
def test_who_sends_on_behind_a_refusal_for_too_long_is_hung_up_on(refusing: Address, pause_s: float) -> None:
    with socket.create_connection(refusing, timeout=5) as client:
        client.sendall(HEAD + BODY)
        assert client.recv(1000).startswith(b"HTTP/1.1 413")
        began, hung_up = time.monotonic(), select.poll()
        hung_up.register(client, 0)
        while not hung_up.poll(1000 * pause_s):
            client.sendall(b"x")

    assert 0.4 < time.monotonic() - began < 3


def test_who_sends_on_behind_a_refusal_for_too_much_is_hung_up_on() -> None:
    with (
        listening(Doorman(too_large)) as address,
        socket.create_connection(address, timeout=5) as client,
    ):
        client.sendall(HEAD + BODY)
        with pytest.raises(ConnectionError):
            send_many(client, 15)


def send_many(client: socket.socket, times: int) -> None:
    for _ in range(times):
        client.sendall(LONG)


def test_a_server_that_ends_waits_for_nobody_s_body() -> None:
    began = time.monotonic()
    with listening(Doorman(too_large)) as address, socket.create_connection(address, timeout=5) as client:
        client.sendall(HEAD + BODY)
        assert client.recv(1000).startswith(b"HTTP/1.1 413")

    assert time.monotonic() - began < 5
