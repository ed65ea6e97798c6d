"""What an answer to the device may be at its worst: much, endless, blown up, or with words for the terminal."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from sampler.device.wire.answers import Rejected, Unreachable, judge
from sampler.device.wire.route import Route
from sampler.device.wire.transport import Transport
from tests.device.misbehaving_server import Behaviour, Conversation, MisbehavingServer, raw

TIMEOUT_S = 0.5
MOST_BYTES = 8_000_000
"""http.client takes a hundred headers of 64 KiB each."""
OK = b"HTTP/1.1 200 OK\r\n"


def endless(piece: bytes, begin: bytes = OK) -> Behaviour:
    def behave(conversation: Conversation) -> None:
        conversation.read_request()
        conversation.say(begin)
        while True:
            conversation.say(piece * (65536 // len(piece)))

    return behave


@contextmanager
def transport_to(*behaviours: Behaviour) -> Iterator[Transport]:
    with MisbehavingServer(*behaviours) as server:
        transport = Transport(Route(server.url), TIMEOUT_S)
        try:
            yield transport
        finally:
            transport.close()


def outcome(transport: Transport) -> str:
    try:
        answer = transport.post("/api/temperature", b"{}", {})
        judge(answer, datetime.now(UTC))
    except Unreachable:
        return "unreachable"
    except Rejected:
        return "rejected"
    return "delivered"


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (endless(b"X: y\r\n"), "unreachable"),
        (endless(b"y", OK + b"X: "), "unreachable"),
        (endless(b"y", b"HTTP/1.1 "), "unreachable"),
        (endless(b"HTTP/1.1 100 Continue\r\n\r\n", b""), "unreachable"),
        # The status decides as soon as the headers are whole.
        (endless(b"X: y\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"), "delivered"),
        (endless(b"0", OK + b"Transfer-Encoding: chunked\r\n\r\n"), "delivered"),
        (endless(b"1\r\nx\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n"), "delivered"),
        (endless(b"x", b"HTTP/1.1 400 Bad Request\r\n\r\n"), "rejected"),
    ],
    ids=["headers", "header", "status", "100", "trailers", "chunk size", "chunks", "body"],
)
def test_an_answer_without_end_is_over_by_the_deadline_and_takes_no_memory(
    behaviour: Behaviour, told: str
) -> None:
    with transport_to(behaviour) as transport:
        tracemalloc.start()
        began = time.monotonic()
        try:
            assert outcome(transport) == told
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert time.monotonic() - began < 4 * TIMEOUT_S
        assert most < MOST_BYTES


@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"zstd"])
def test_no_body_is_inflated(coding: bytes) -> None:
    body = b"\x1f\x8b" + bytes(50)
    head = b"HTTP/1.1 400 No\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding, len(body))
    with transport_to(raw(head + body)) as transport:
        assert transport.post("/", b"{}", {}).body == body


WORDS = "\x1b[2J\x9b1m\u202egnirts\r\n<0>forged\0"


def refused_by(behaviour: Callable[[Conversation], None]) -> str:
    with transport_to(behaviour) as transport, pytest.raises((Rejected, Unreachable)) as refused:
        judge(transport.post("/", b"{}", {}), datetime.now(UTC))
    return str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 " + WORDS.replace("\r\n", "").encode("utf-8") + b"\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n%b" % (len(WORDS.encode()), WORDS.encode()),
        b"HTTP/1.1 302 No\r\nLocation: "
        + WORDS.replace("\r\n", "").encode()
        + b"\r\nContent-Length: 0\r\n\r\n",
        WORDS.encode() + b"\r\n\r\n",
    ],
    ids=["phrase", "body", "location", "no HTTP"],
)
def test_its_words_are_one_line_that_does_nothing_to_a_terminal(answer: bytes) -> None:
    words = refused_by(raw(answer))

    assert words.isprintable()
    assert len(words) <= 500
