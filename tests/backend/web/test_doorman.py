"""What stands around the application: names, patience, and that no error gets out."""

import asyncio
import json
import logging
from typing import Any

import pytest
from litestar import Litestar, Request, post
from litestar.testing import TestClient

from sampler.backend.web.doorman import Doorman
from sampler.backend.web.problems import HANDLERS
from sampler.backend.web.request_id import Named
from sampler.backend.web.visit import GONE, Ended, Patience, Visit
from tests.backend.web.asgi import FOREVER, Exchange, answering, chunk


def test_a_request_gets_a_name() -> None:
    names = {Exchange().over(Doorman(answering())).answer_headers["x-request-id"] for _ in range(10)}

    assert len(names) == 10
    assert all(len(name) == 16 for name in names)


def test_a_sane_name_of_the_clients_is_kept() -> None:
    exchange = Exchange(headers={"X-Request-Id": "proxy-7.a_B"}).over(Doorman(answering()))

    assert exchange.answer_headers["x-request-id"] == "proxy-7.a_B"


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a\tb", "<script>", "é", "a\x85b"])
def test_another_name_is_replaced(name: str) -> None:
    exchange = Exchange(headers={"X-Request-Id": name}).over(Doorman(answering()))

    assert exchange.answer_headers["x-request-id"] != name
    assert len(exchange.answer_headers["x-request-id"]) == 16


def test_a_browser_is_told_to_make_nothing_more_of_an_answer() -> None:
    headers = Exchange().over(Doorman(answering())).answer_headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_a_page_has_its_own_policy() -> None:
    page = answering(content_security_policy="default-src 'self'")

    headers = Exchange().over(Doorman(page)).sent[0]["headers"]

    assert [value for name, value in headers if name == b"content-security-policy"] == [b"default-src 'self'"]


def test_an_error_that_nobody_caught_is_told_once_and_only_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError("secret")

    exchange = Exchange(path="/some%0Awhere").over(Doorman(broken))

    assert exchange.status == 500
    assert exchange.answer_headers["content-type"] == "application/problem+json"
    name = exchange.answer_headers["x-request-id"]
    assert json.loads(exchange.body) == {
        "title": "Internal Server Error",
        "status": 500,
        "request_id": name,
    }
    (record,) = caplog.records
    assert record.getMessage() == "POST /some%0Awhere failed"
    assert record.exc_info
    assert isinstance(record.exc_info[1], ValueError)


def test_an_answer_that_breaks_off_is_not_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks_off(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("half")

    exchange = Exchange().over(Doorman(breaks_off))

    assert [message["type"] for message in exchange.sent] == ["http.response.start"]
    assert len(caplog.records) == 1


def test_every_line_of_the_log_about_a_request_has_its_name(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(Named())
    log = logging.getLogger("test")

    async def talks(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.to_thread(log.error, "from a thread")
        await answering()(scope, receive, send)

    Exchange(headers={"X-Request-Id": "n-1"}).over(Doorman(talks))
    log.error("about none")

    assert [(record.getMessage(), record.request) for record in caplog.records] == [  # type: ignore[attr-defined]
        ("from a thread", " [n-1]"),
        ("about none", ""),
    ]


@post("/", status_code=200)
async def read(request: Request[Any, Any, Any]) -> int:
    return len(await request.body())


def reader(patience: Patience | None = None, *ended: Ended) -> Doorman:
    app = Litestar([read], exception_handlers=HANDLERS, logging_config=None, openapi_config=None)
    return Doorman(app, ended, patience=patience)


def test_a_client_that_stops_in_the_middle_of_its_body_is_answered_408_and_hung_up_on() -> None:
    exchange = Exchange(messages=[chunk(b"{"), FOREVER]).over(reader(Patience(seconds=0.05)))

    assert exchange.status == 408
    assert exchange.answer_headers["connection"] == "close"
    assert json.loads(exchange.body)["detail"] == "The body came too slowly."


def test_patience_grows_with_what_has_come() -> None:
    # Nothing for the beginning and 2 s for what came: without them the second piece would be too late.
    patience = Patience(seconds=0.0, bytes_a_second=50)
    messages = [chunk(bytes(100)), 0.02, chunk(b"", last=True)]

    assert Exchange(messages=messages).over(reader(patience)).status == 200


def test_the_time_that_the_application_takes_is_not_the_clients() -> None:
    async def slow(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(0.35)
        await receive()
        await answering()(_scope, receive, send)

    messages = [chunk(b"a"), 0.001, chunk(b"b"), chunk(b"c", last=True)]
    assert Exchange(messages=messages).over(Doorman(slow, patience=Patience(seconds=0.3))).status == 200


def test_a_client_that_goes_away_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Visit] = []

    Exchange(messages=[chunk(b"{")]).over(reader(None, seen.append))

    assert not caplog.records
    assert [visit.status for visit in seen] == [GONE]


def test_what_was_seen_is_told_before_the_answers_last_byte() -> None:
    exchange = Exchange(messages=[chunk(b"x" * 1000), chunk(b"y" * 1000, last=True)])
    told: list[tuple[int, bytes, bytes, int]] = []

    def ended(visit: Visit) -> None:
        told.append((visit.status, visit.body, visit.answer, len(exchange.sent)))

    exchange.over(Doorman(answering(400, b"why"), [ended]))

    # The first KiB of the body; the answer's start was sent, its body not yet.
    assert told == [(400, b"x" * 1000 + b"y" * 24, b"why", 1)]


def test_requests_in_flight_are_counted_while_they_are() -> None:
    counts = []

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        counts.append(doorman.in_flight)
        await answering()(scope, receive, send)

    doorman = Doorman(counting)
    Exchange().over(doorman)

    assert [*counts, doorman.in_flight] == [1, 0]


def test_head_is_answered_as_get_is(client: TestClient[Any]) -> None:
    assert client.head("/healthz").status_code == 204
    assert client.head("/api/temperature").status_code == 200
    assert client.head("/nothing").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("PUT", "/api/temperature", 405), ("BREW", "/api/temperature", 405)],
)
def test_what_is_not_there_is_a_problem_with_the_requests_name(
    client: TestClient[Any], method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
