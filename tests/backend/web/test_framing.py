"""Where one request ends and the next begins, on a real socket, however the client puts it."""

import asyncio
import itertools
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.backend.web.listening import Address, listening, say

HOST = b"Host: x\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LAST_SEEN = "/last host,connection <>"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer a moment later with the path, the names of the headers and the body; /early does not wait for that."""
    body, more = b"", scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    await asyncio.sleep(0.02)
    names = ",".join(name.decode() for name, _ in scope["headers"])
    answer = b"%b %b <%b>" % (scope["path"].encode(), names.encode(), body)
    length = (b"content-length", str(len(answer)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": answer, "more_body": False})


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with listening(echo, keep_alive_s=0.3) as address:
        yield address


def seen(address: Address, sent: bytes, *, shut: bool = False) -> list[str]:
    """What the application saw of each request, or the status of a refusal, until the server hung up."""
    answers = say(address, sent, shut=shut).decode().split("HTTP/1.1 ")[1:]
    return [answer[:3] if answer[:3] != "200" else answer.partition("\r\n\r\n")[2] for answer in answers]


@pytest.mark.parametrize("offer", [b"h2c", b"websocket", b"TLS/1.0", b"HTTP/3.0, x"])
def test_an_offer_of_another_protocol_is_passed_over_with_nothing_lost(
    address: Address, offer: bytes
) -> None:
    head = b"POST /%%d HTTP/1.1\r\n%bConnection: Upgrade, HTTP2-Settings\r\nUpgrade: %b\r\n" % (HOST, offer)
    long = head % 1 + b"Content-Length: 5\r\n\r\nhello"
    chunked = head % 2 + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"

    assert seen(address, long + chunked + LAST) == [
        "/1 host,connection,content-length <hello>",
        "/2 host,connection,transfer-encoding <hello>",
        LAST_SEEN,
    ]


def test_an_offer_that_comes_byte_by_byte_is_passed_over_too(address: Address) -> None:
    sent = b"POST /1 HTTP/1.1\r\n%bConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi" % HOST
    with socket.create_connection(address, timeout=5) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in sent:
            client.sendall(bytes([byte]))

        assert client.recv(1000).endswith(b"/1 host,connection,content-length <hi>")


def test_who_stops_sending_behind_a_whole_request_is_answered(address: Address) -> None:
    get = b"GET /1 HTTP/1.1\r\n%b\r\n" % HOST

    assert seen(address, get, shut=True) == ["/1 host <>"]
    assert seen(address, get * 3, shut=True) == ["/1 host <>"] * 3
    assert seen(address, get + b"GET /2 HT", shut=True) == ["/1 host <>"]


def test_who_stops_sending_within_a_request_is_not(address: Address) -> None:
    assert seen(address, b"POST /1 HTTP/1.1\r\n%bContent-Length: 5\r\n\r\nhell" % HOST, shut=True) == []


def test_what_is_no_http_behind_a_request_is_not_taken_for_its_answer(address: Address) -> None:
    get = b"GET /1 HTTP/1.1\r\n%b\r\n" % HOST

    assert seen(address, get + b"nonsense\r\n\r\n") == ["/1 host <>"]
    assert seen(address, get + b"GET /2 HTTP/1.1\r\n%b%b" % (HOST, b"X: a\r\n" * 100_000)) == ["/1 host <>"]


def test_what_is_no_http_within_a_body_that_was_answered_already_is_the_end(address: Address) -> None:
    early = b"POST /early HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n" % HOST
    with socket.create_connection(address, timeout=5) as client:
        client.sendall(early)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        client.sendall(b"zz\r\n")

        assert client.recv(1000) == b""


def test_headers_behind_a_body_are_none(address: Address) -> None:
    chunks = b"5\r\nhello\r\n0\r\nHost: y\r\nIdempotency-Key: z\r\n\r\n"

    assert seen(address, b"POST /1 HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n%b" % (HOST, chunks) + LAST) == [
        "/1 host,transfer-encoding <hello>",
        LAST_SEEN,
    ]  # fmt: skip


ENDLESS = {
    "trailers": b"0\r\n" + b"X: a\r\n" * 200_000,
    "a trailer's name": b"0\r\n" + b"X" * 1_000_000,
    "a trailer's value": b"0\r\nX: " + b"a" * 1_000_000,
    "an extension": b"5;" + b"x" * 1_000_000,
    "a length": b"0" * 1_000_000,
}


@pytest.mark.parametrize("endless", ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_between_chunks_is_refused(address: Address, endless: bytes) -> None:
    head = b"POST /1 HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n" % HOST

    assert seen(address, head + endless) == ["431"]


TOO_LONG = {
    "an address": b"GET /%b HTTP/1.1\r\n%b\r\n" % (b"a" * 70_000, HOST),
    "a query": b"GET /?%b HTTP/1.1\r\n%b\r\n" % (b"a" * 70_000, HOST),
    "a header": b"GET / HTTP/1.1\r\n%bX: %b\r\n\r\n" % (HOST, b"a" * 100_000),
    "many headers": b"GET / HTTP/1.1\r\n%b%b\r\n" % (HOST, b"X: a\r\n" * 15_000),
    "address and headers together": b"GET /%b HTTP/1.1\r\n%bX: %b\r\n\r\n"
    % (b"a" * 40_000, HOST, b"a" * 40_000),
    "headers in front of one that is none": b"GET / HTTP/1.1\r\n%b%bbad header\r\n\r\n"
    % (HOST, b"X: a\r\n" * 15_000),
    "an offer": b"GET / HTTP/1.1\r\n%bUpgrade: h2c\r\nConnection: upgrade\r\nX: %b\r\n\r\n"
    % (HOST, b"a" * 70_000),
}


@pytest.mark.parametrize("sent", TOO_LONG.values(), ids=TOO_LONG)
def test_a_head_that_is_too_long_is_refused_though_it_comes_at_once(address: Address, sent: bytes) -> None:
    assert seen(address, sent + LAST) == ["431"]


def test_a_head_just_short_enough_is_read(address: Address) -> None:
    long = b"GET /%b HTTP/1.1\r\n%bX: %b\r\n\r\n" % (b"a" * 30_000, HOST, b"a" * 35_000)

    [first, last] = seen(address, long + LAST)
    assert (first[-10:], last) == (" host,x <>", LAST_SEEN)


def test_what_comes_with_the_end_of_a_head_is_no_part_of_it(address: Address) -> None:
    with socket.create_connection(address, timeout=5) as client:
        client.sendall(b"POST /1 HTTP/1.1\r\nHos")
        time.sleep(0.05)  # it has begun to read
        client.sendall(b"t: x\r\nContent-Length: 150000\r\n\r\n" + bytes(150_000))

        assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_body_in_small_chunks_is_none_of_that(address: Address) -> None:
    head = b"POST /1 HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n" % HOST

    [first, last] = seen(address, head + b"1;x=y\r\na\r\n" * 50_000 + b"0\r\n\r\n" + LAST)
    assert (first[-50_001:], last) == ("a" * 50_000 + ">", LAST_SEEN)


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (b"GET / HTTP/1.1\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost:\r\n", "/ host <>"),
        (b"GET / HTTP/1.0\r\n", "/  <>"),
    ],
)
def test_each_request_has_one_host(address: Address, lines: bytes, answer: str) -> None:
    assert seen(address, lines + b"\r\n" + LAST)[0] == answer


DRIPS = {
    "empty lines": (b"GET /1 HTTP/1.1\r\n%b\r\n" % HOST, b"\r\n"),
    "an answered body": (b"POST /early HTTP/1.1\r\n%bContent-Length: 999\r\n\r\n" % HOST, b"x"),
}


@pytest.mark.parametrize(("asked", "drop"), DRIPS.values(), ids=DRIPS)
def test_who_only_drips_behind_an_answer_is_hung_up_on(address: Address, asked: bytes, drop: bytes) -> None:
    with socket.create_connection(address, timeout=0.05) as client:
        client.sendall(asked)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        until = time.monotonic() + 5
        for _ in itertools.count():
            client.sendall(drop)
            try:
                assert client.recv(1) == b""
                break
            except ConnectionError:
                break
            except TimeoutError:
                assert time.monotonic() < until, "it does not hang up"


@pytest.mark.parametrize("line", [b"GET /", b"GET / HTTP/0.9", b"GET / HTTP/2.0"])
def test_other_versions_are_not_spoken(address: Address, line: bytes) -> None:
    assert seen(address, line + b"\r\n" + HOST + b"\r\n") == ["400"]


def test_a_request_that_has_begun_may_take_longer_than_an_idle_connection(address: Address) -> None:
    with socket.create_connection(address, timeout=5) as client:
        client.sendall(b"GET /1 HTTP/1.1\r\n%b\r\n" % HOST)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        client.sendall(b"POST /2 HTTP/1.1\r\n%bContent-Length: 1\r\n\r\n" % HOST)
        time.sleep(0.5)  # an idle one is closed after 0.3 s
        client.sendall(b"x")

        assert client.recv(1000).endswith(b"/2 host,content-length <x>")


def test_what_is_no_http_behind_a_body_that_was_answered_already_is_told_so(address: Address) -> None:
    early = b"POST /early HTTP/1.1\r\n%bContent-Length: 2\r\n\r\n" % HOST
    with socket.create_connection(address, timeout=5) as client:
        client.sendall(early)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        client.sendall(b"[]nonsense\r\n\r\n")

        assert client.recv(1000).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "behind",
    [
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nno chunk",
        b"Content-Length: 9\r\n\r\nnot all",
    ],
)
def test_what_is_not_whole_takes_no_answer_from_the_request_before_it(
    address: Address, behind: bytes
) -> None:
    pipelined = b"GET /1 HTTP/1.1\r\n%b\r\nPOST /2 HTTP/1.1\r\n%b%b" % (HOST, HOST, behind)

    assert seen(address, pipelined, shut=True) == ["/1 host <>"]
