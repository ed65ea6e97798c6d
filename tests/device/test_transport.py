import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sampler.device.wire.answers import Answer, Unreachable
from sampler.device.wire.route import Route
from sampler.device.wire.transport import Transport
from tests.device.misbehaving_server import (
    Behaviour,
    Conversation,
    MisbehavingServer,
    answer,
    drip,
    hang,
    raw,
    reset_after_reading,
    reset_before_reading,
)
from tests.faulty_proxy import FaultyProxy

Start = Callable[..., MisbehavingServer]
Open = Callable[..., Transport]


@pytest.fixture
def start(stack: ExitStack) -> Start:
    return lambda *behaviours: stack.enter_context(MisbehavingServer(*behaviours))


@pytest.fixture
def transport_to(stack: ExitStack) -> Open:
    def open_(url: str, timeout_s: float = 5.0, proxy: str = "") -> Transport:
        transport = Transport(Route(url, proxy), timeout_s)
        stack.callback(transport.close)
        return transport

    return open_


def post(transport: Transport, body: bytes = b"{}") -> Answer:
    return transport.post("/api/temperature", body, {"X-Device": "here"})


def trouble(transport: Transport) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        post(transport)
    return caught.value


def test_a_request_and_its_answer(start: Start, transport_to: Open) -> None:
    server = start(answer(201, "welcome", retry_after="5"))
    given = post(transport_to(server.url), b'{"min":1}')
    assert (given.status, given.phrase, given.body, given.whole) == (201, "Created", b"welcome", True)
    assert given.headers["retry-after"] == "5"
    [request] = server.requests
    assert request.line == "POST /api/temperature HTTP/1.1"
    assert request.body == b'{"min":1}'
    assert request.headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("path", "asked"),
    [("/", "/api"), ("/deep/", "/deep/api"), ("/prä fix", "/pr%C3%A4%20fix/api"), ("/a%2Fb", "/a%2Fb/api")],
)
def test_the_backend_s_address_may_have_a_path(
    start: Start, transport_to: Open, path: str, asked: str
) -> None:
    server = start()
    transport_to(server.url + path).post("/api", b"", {})
    assert server.requests[0].line == f"POST {asked} HTTP/1.1"


def test_a_hundred_requests_need_one_connection(start: Start, transport_to: Open) -> None:
    server = start(answer(500, "no"), answer(200), answer(400, "x" * 65536), answer(204))
    transport = transport_to(server.url)
    for _ in range(100):
        post(transport)
    assert (server.connections, len(server.requests)) == (1, 100)


def test_a_chunked_answer_keeps_the_connection(start: Start, transport_to: Open) -> None:
    chunked = (
        b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbad\r\n2\r\n!!\r\n0\r\n\r\n"
    )
    server = start(raw(chunked, hangs_up=False))
    transport = transport_to(server.url)
    assert [post(transport).body, post(transport).body] == [b"bad!!", b"bad!!"]
    assert server.connections == 1


def test_a_connection_that_was_closed_while_idle_is_no_failure(start: Start, transport_to: Open) -> None:
    def answer_then_close(conversation: Conversation) -> None:
        answer()(conversation)
        conversation.hang_up()

    server = start(answer_then_close, answer())
    transport = transport_to(server.url)
    assert post(transport).delivered
    assert server.has_hung_up.wait(2)
    assert post(transport).delivered
    assert (server.connections, len(server.requests)) == (2, 2)


def test_what_a_server_says_unasked_is_not_taken_for_the_next_answer(
    start: Start, transport_to: Open
) -> None:
    late = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    server = start(drip(late, 0.01, at_once=b"HTTP/1.1 103 Early Hints\r\n\r\n"), answer(500))
    transport = transport_to(server.url)
    assert not post(transport).delivered
    assert post(transport).status == 500


def test_a_hundred_is_only_a_prelude(start: Start, transport_to: Open) -> None:
    server = start(raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    assert post(transport_to(server.url)).status == 200


# Which of the two depends on whether the reset came before the request's headers or its body went out.
RESET = ("reset by the backend", "closed by the backend before its answer was whole")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (reset_before_reading, RESET),
        (reset_after_reading, "reset by the backend"),
        (raw(b""), "closed by the backend before its answer was whole"),
        (raw(b"HTTP/1.1 20"), "closed by the backend before its answer was whole"),
        (raw(b"HTTP/1.1 200 OK\r\n"), "closed by the backend before its answer was whole"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Le"), "closed by the backend before its answer was whole"),
        (raw(b"\x16\x03\x01 what?\r\n"), "no HTTP in the answer: "),
        (raw(b"HTTP/1.1 two OK\r\n\r\n"), "no HTTP in the answer: HTTP/1.1 two OK"),
        (raw(b"HTTP/1.1 200 " + b"x" * 100_000), "no HTTP in the answer: "),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"), "no HTTP in the answer: "),
    ],
)
def test_no_answer_and_half_an_answer_are_unreachable(
    start: Start, transport_to: Open, behaviour: Behaviour, reason: str | tuple[str, ...]
) -> None:
    found = trouble(transport_to(start(behaviour).url))
    assert found.reason.startswith(reason)
    assert found.retry
    assert found.reason.isprintable()
    assert len(found.reason) <= 500


def test_nobody_listening_is_unreachable(transport_to: Open) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        found = trouble(transport_to(f"http://127.0.0.1:{reserved.getsockname()[1]}"))
    assert (found.reason, found.retry) == ("connection refused", True)


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".de", "[fe80::1%nolink]"])
def test_a_host_that_has_no_address_is_unreachable(transport_to: Open, host: str) -> None:
    found = trouble(transport_to(f"http://{host}:5000"))
    assert found.reason.startswith("host name not found: " + host.strip("[]"))


@pytest.mark.parametrize(
    "behaviour",
    [
        hang,
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0.05),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 9, 0.01),
    ],
    ids=["hangs", "drips its headers", "goes on and on"],
)
def test_no_answer_in_time_ends_the_request_and_the_connection(
    start: Start, transport_to: Open, behaviour: Behaviour
) -> None:
    server = start(behaviour, answer())
    transport = transport_to(server.url, timeout_s=0.3)
    asked = time.monotonic()
    found = trouble(transport)
    assert 0.29 < time.monotonic() - asked < 1.5
    assert (found.reason, found.retry) == ("no answer within 0.3 s", True)
    assert post(transport).delivered
    assert server.connections == 2


def test_a_name_that_is_found_too_late_sends_nothing(
    start: Start, transport_to: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, looked_up, real = threading.Event(), threading.Event(), socket.getaddrinfo

    def slow_look_up(*args: Any, **options: Any) -> Any:
        found.wait(5)
        looked_up.set()
        return real(*args, **options)

    server = start()
    transport = transport_to(server.url, timeout_s=0.3)
    monkeypatch.setattr(socket, "getaddrinfo", slow_look_up)
    assert trouble(transport).reason == "no answer within 0.3 s"
    assert trouble(transport).reason == "no answer within 0.3 s"  # the thread is still out
    found.set()
    looked_up.wait(5)
    assert post(transport, b"the next").delivered
    assert [request.body for request in server.requests] == [b"the next"]


def test_a_server_that_drips_does_not_hold_the_thread(start: Start, transport_to: Open) -> None:
    server = start(drip(b"HTTP/1.1 200 OK\r\n" + b"A" * 1000, 0.02))
    trouble(transport_to(server.url, timeout_s=0.1))
    assert server.has_hung_up.wait(2)  # it saw the end of the connection, long before it was through


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 10\r\n\r\ncut",
        b"Transfer-Encoding: chunked\r\n\r\nnot a size\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\ncu",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nnot",
        b"no header at all\r\n\r\n",
    ],
)
def test_the_status_decides_whatever_becomes_of_the_body(
    start: Start, transport_to: Open, status: int, rest: bytes
) -> None:
    server = start(raw(b"HTTP/1.1 %d Said\r\n%b" % (status, rest)))
    assert post(transport_to(server.url)).status == status


@pytest.mark.parametrize("framing", [b"Content-Length: 1000", b"Connection: close"])
def test_the_status_decides_though_the_body_drips_beyond_the_deadline(
    start: Start, transport_to: Open, framing: bytes
) -> None:
    server = start(drip(b"x" * 1000, 0.02, at_once=b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % framing), answer())
    transport = transport_to(server.url, timeout_s=0.4)
    assert post(transport).delivered
    assert server.has_hung_up.wait(2)
    assert post(transport).delivered
    assert server.connections == 2


@pytest.mark.parametrize(
    "framing",
    [b"Content-Length: 900000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n4c4b40\r\n", b"\r\n"],
)
def test_of_a_huge_body_no_more_than_64_kib_is_read(start: Start, transport_to: Open, framing: bytes) -> None:
    huge = raw(b"HTTP/1.1 400 Bad Request\r\n%b" % framing + b"x" * 5_000_000)
    server = start(huge, answer())
    transport = transport_to(server.url)
    given = post(transport)
    assert (given.status, len(given.body), given.whole) == (400, 65536, False)
    assert post(transport).delivered
    assert server.connections == 2


def test_an_answer_that_does_not_wait_for_the_whole_request_is_heard(
    start: Start, transport_to: Open
) -> None:
    def refuse(conversation: Conversation) -> None:
        conversation.say(b"HTTP/1.1 413 Too much\r\nContent-Length: 0\r\n\r\n")
        conversation.hang_up()

    server = start(refuse)
    assert post(transport_to(server.url), b"x" * 10_000_000).status == 413


def test_a_reset_in_the_middle_of_the_request_is_called_so(start: Start, transport_to: Open) -> None:
    transport = transport_to(start(reset_before_reading).url)
    with pytest.raises(Unreachable) as caught:
        post(transport, b"x" * 10_000_000)
    assert caught.value.reason in RESET


def test_what_http_cannot_carry_is_not_sent(start: Start, transport_to: Open) -> None:
    with pytest.raises(Unreachable, match=r"^cannot be asked: Invalid .* in header value") as caught:
        transport_to(start().url).post("/", b"", {"X-Device": "a\nb"})
    assert not caught.value.retry
    with pytest.raises(Unreachable, match="no address: ") as caught:
        transport_to("http://a b").post("/", b"", {})
    assert not caught.value.retry


def test_a_redirect_is_an_answer_like_any_other(start: Start, transport_to: Open) -> None:
    elsewhere = start()
    server = start(answer(307, location=elsewhere.url))
    assert post(transport_to(server.url)).status == 307
    assert elsewhere.connections == 0


def test_of_a_redirect_s_body_no_more_is_read_than_of_any_other(start: Start, transport_to: Open) -> None:
    endless = raw(
        b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 900000000\r\n\r\n" + b"x" * 100_000,
        hangs_up=False,
    )
    given = post(transport_to(start(endless).url))
    assert (given.status, len(given.body), given.whole) == (302, 65536, False)


def test_credentials_that_lie_about_are_not_sent(
    start: Start, transport_to: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    server = start()
    post(transport_to(server.url))
    assert "authorization" not in server.requests[0].headers


def test_cookies_are_not_kept(start: Start, transport_to: Open) -> None:
    server = start(answer(200, set_cookie="a=b"))
    transport = transport_to(server.url)
    post(transport)
    post(transport)
    assert not [request for request in server.requests if "cookie" in request.headers]


def test_the_environment_s_proxies_count_only_if_asked_for(
    start: Start, transport_to: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = start(answer(502)), start()
    monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//me:p%40ss@"))
    monkeypatch.delenv("no_proxy", raising=False)
    assert post(transport_to(server.url)).status == 200
    assert post(transport_to(server.url, proxy="environment")).status == 502
    [request] = proxy.requests
    assert request.line == f"POST {server.url}/api/temperature HTTP/1.1"
    assert request.headers["proxy-authorization"] == "Basic bWU6cEBzcw=="  # me:p@ss
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert post(transport_to(server.url, proxy="environment")).status == 200


def test_a_proxy_that_lets_nobody_through_is_unreachable(start: Start, transport_to: Open) -> None:
    proxy = start(raw(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"))
    found = trouble(transport_to("https://backend.example", proxy=proxy.url))
    assert found.reason == "Tunnel connection failed: 407 Proxy Authentication Required"
    assert proxy.requests[0].line == "CONNECT backend.example:443 HTTP/1.0"


def test_a_proxy_that_drips_does_not_hold_the_thread(start: Start, transport_to: Open) -> None:
    proxy = start(drip(b"A: b\r\n" * 200, 0.02, at_once=b"HTTP/1.1 200 Connection established\r\n"))
    trouble(transport_to("https://backend.example", timeout_s=0.1, proxy=proxy.url))
    assert proxy.has_hung_up.wait(2)


def test_a_proxy_behind_tls_is_refused(transport_to: Open) -> None:
    found = trouble(transport_to("http://127.0.0.1:9", proxy="https://proxy:3128"))
    assert (found.reason, found.retry) == ("the proxy is https://; only http:// ones are understood", False)


def test_when_the_network_is_back_the_next_request_gets_through(start: Start, transport_to: Open) -> None:
    with FaultyProxy(start().port) as network:
        transport = transport_to(network.url, timeout_s=0.5)
        assert post(transport).delivered
        for mode in ("refuse", "blackhole", "reset_after_request"):
            network.switch(mode)
            trouble(transport)
            network.switch("ok")
            assert post(transport).delivered


def test_closing_while_a_request_hangs_takes_no_time(start: Start) -> None:
    with MisbehavingServer(hang) as server:
        transport = Transport(Route(server.url), timeout_s=0.1)
        trouble(transport)
        asked = time.monotonic()
        transport.close()
        assert time.monotonic() - asked < 1
