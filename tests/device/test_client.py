import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampler.device.client import Client, Rejected, Unreachable
from sampler.device.config import BackendConfig
from sampler.device.kept import Kept, Quality
from sampler.measurement import TemperatureMeasurement
from tests.device.misbehaving_server import Behaviour, MisbehavingServer, answer, hang, problem, raw

START = datetime(2021, 4, 12, 20, 20, 20, tzinfo=UTC)
SAID = (
    '{"time":{"start":"2021-04-12T20:20:20.000Z","end":"2021-04-12T20:22:20.000Z"},"min":1.11,"max":1.13,%s}'
)
AVG_IS_REQUIRED = problem(
    400,
    title="One or more validation errors occurred.",
    errors={"Avg": ["The Avg field is required."]},
)

Connect = Callable[..., tuple[MisbehavingServer, Client]]


@pytest.fixture
def connect() -> Iterator[Connect]:
    with ExitStack() as stack:

        def connect(
            *behaviours: Behaviour, device: str = "loft", **settings: Any
        ) -> tuple[MisbehavingServer, Client]:
            server = stack.enter_context(MisbehavingServer(*behaviours))
            client = Client(BackendConfig(url=server.url, **settings), device)
            stack.callback(client.close)
            return server, client

        yield connect


def kept(sequence: int = 41) -> Kept:
    measurement = TemperatureMeasurement(
        START, START + timedelta(minutes=2), min=1.11, max=1.13, average=1.12
    )
    return Kept("9f3a61c2", sequence, measurement, Quality(1200, 1198, {"late": 2}, {}))


def rejection(client: Client) -> str:
    with pytest.raises(Rejected) as caught:
        client.send(kept())
    return caught.value.reason


def trouble(client: Client) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        client.send(kept())
    return caught.value


def test_a_measurement_goes_out_in_the_form_of_the_published_document(connect: Connect) -> None:
    server, client = connect()
    client.send(kept())
    [request] = server.requests
    assert request.line == "POST /api/temperature HTTP/1.1"
    assert request.body.decode() == SAID % '"average":1.12'
    assert request.headers == {
        "host": f"127.0.0.1:{server.port}",
        "content-length": "115",
        "content-type": "application/json",
        "accept-encoding": "identity",
        "user-agent": "sampler/" + version("sampler"),
        "x-device": "loft",
        "idempotency-key": "9f3a61c2-41",
    }


def test_what_failed_before_goes_out_as_an_array_in_the_order_given(connect: Connect) -> None:
    server, client = connect()
    client.send_missing([kept(7), kept(3)])
    [request] = server.requests
    assert request.line == "POST /api/temperature/missing HTTP/1.1"
    assert request.body.decode() == "[" + ",".join([SAID % '"average":1.12'] * 2) + "]"
    assert request.headers["idempotency-key"] == "9f3a61c2-7, 9f3a61c2-3"


def test_one_that_failed_before_is_still_an_array(connect: Connect) -> None:
    server, client = connect()
    client.send_missing([kept()])
    assert len(server.requests[0].json) == 1


def test_a_probe_stores_nothing(connect: Connect) -> None:
    server, client = connect(answer(), answer(500))
    client.probe()
    assert server.requests[0].line == "POST /api/temperature/missing HTTP/1.1"
    assert server.requests[0].body == b"[]"
    with pytest.raises(Unreachable):
        client.probe()


@pytest.mark.parametrize(
    ("device", "header"),
    [
        ("loft 2, left", "loft 2, left"),
        ("Büro", "B%C3%BCro"),
        ("50%", "50%25"),
        ("a\r\nX-Evil: b", "a%0D%0AX-Evil: b"),
    ],
)
def test_any_name_of_a_device_fits_into_its_header(connect: Connect, device: str, header: str) -> None:
    server, client = connect(device=device)
    client.send(kept())
    assert server.requests[0].headers["x-device"] == header


def test_the_quality_is_sent_if_the_operator_asks_for_it(connect: Connect) -> None:
    server, client = connect(quality=True)
    client.send(kept())
    assert server.requests[0].json["quality"] == {
        "due": 1200,
        "taken": 1198,
        "missed": {"late": 2},
        "bad": {},
        "clock": "set",
    }


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_means_delivered(connect: Connect, status: int) -> None:
    _, client = connect(raw(b"HTTP/1.1 %d Yes\r\nContent-Length: 0\r\n\r\n" % status))
    client.send(kept())


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_what_no_repetition_cures_is_rejected(connect: Connect, status: int) -> None:
    _, client = connect(answer(status, "no good"))
    assert rejection(client).startswith(f"{status} ")


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 507, 408, 425, 429])
def test_what_may_pass_soon_is_tried_again(connect: Connect, status: int) -> None:
    _, client = connect(answer(status))
    assert trouble(client).retry


@pytest.mark.parametrize("status", [300, 304, 308, 401, 402, 403, 404, 405, 409, 410, 418, 451])
def test_what_the_operator_must_cure_waits_for_the_next_interval(connect: Connect, status: int) -> None:
    _, client = connect(answer(status))
    assert not trouble(client).retry


def test_a_failure_has_a_short_name_whatever_page_comes_with_it(connect: Connect) -> None:
    _, client = connect(
        answer(500, "<html>trace 83276542</html>"), raw(b"HTTP/1.1 502\r\nContent-Length: 0\r\n\r\n")
    )
    assert trouble(client).reason == "500 Internal Server Error"
    assert trouble(client).reason == "502 Bad Gateway"


def test_a_failure_tells_whether_there_was_an_answer(connect: Connect) -> None:
    _, client = connect(answer(500), raw(b"what?\r\n"))
    assert trouble(client).answered
    assert not trouble(client).answered


def test_the_operator_reads_the_backend_s_own_words(connect: Connect) -> None:
    _, client = connect(
        problem(401, title="Who are you?", detail="The token is from yesterday."),
        answer(403, "\n not \x1b[31m today\r\nnor tomorrow"),
        answer(301, location="https://new.example/api"),
    )
    assert trouble(client).reason == "401 Unauthorized: Who are you? The token is from yesterday."
    assert trouble(client).reason == "403 Forbidden: not [31m today"
    moved = "301 Moved Permanently: not followed to https://new.example/api; is backend.url right?"
    assert trouble(client).reason == moved


def test_a_rejection_has_the_backend_s_own_words(connect: Connect) -> None:
    low = problem(400, title="Invalid.", errors={"Min": ["must be between", "-50 and 50."], "Max": "too hot"})
    _, client = connect(
        low,
        answer(422, "[" * 60_000, content_type="application/json"),
        answer(413, "x" * 9000, content_type="text/plain"),
        answer(415, b"\xff\x00caf\xc3\xa9"),
    )
    assert rejection(client) == "400 Bad Request: Invalid. Min: must be between -50 and 50. Max: too hot"
    for _ in range(2):
        assert len(rejection(client)) == 500
    assert rejection(client) == "415 Unsupported Media Type: � café"


@pytest.mark.parametrize(
    ("asked", "date", "seconds"),
    [
        ("5", None, 5.0),
        ("0", None, 0.0),
        ("86400", None, 3600.0),
        ("9" * 5000, None, 3600.0),
        ("-5", None, None),
        ("1.5", None, None),
        ("soon", None, None),
        ("²", None, None),
        ("Mon, 12 Apr 2021 20:20:50 GMT", "Mon, 12 Apr 2021 20:20:20 GMT", 30.0),
        ("Mon, 12 Apr 2021 20:20:20 GMT", "Mon, 12 Apr 2021 20:20:50 GMT", None),
        ("Mon, 12 Apr 2021 20:20:20 GMT", None, None),
        ("Fri, 12 Apr 2999 20:20:20 GMT", "yesterday", 3600.0),
        ("Mon, 99 Apr 2021 20:20:20 GMT", None, None),
    ],
)
def test_the_backend_says_how_long_to_leave_it_alone(
    connect: Connect, asked: str, date: str | None, seconds: float | None
) -> None:
    lines = [f"Retry-After: {asked}"] + ([f"Date: {date}"] if date else [])
    text = "HTTP/1.1 503 Later\r\n" + "\r\n".join(lines) + "\r\nContent-Length: 0\r\n\r\n"
    _, client = connect(raw(text.encode("latin-1")))
    assert trouble(client).retry_after_s == seconds


def test_an_asp_net_backend_gets_both_names_at_once_and_from_then_on(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server, client = connect(AVG_IS_REQUIRED, answer())
    client.send(kept())
    client.send_missing([kept()])
    bodies = [request.body.decode() for request in server.requests]
    both = SAID % '"average":1.12,"avg":1.12'
    assert bodies == [SAID % '"average":1.12', both, f"[{both}]"]
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    assert caplog.messages == ["the backend wants 'avg': sending both names from now on"]


def test_the_complaint_about_an_element_of_an_array_is_understood_too(connect: Connect) -> None:
    server, client = connect(
        problem(400, errors={"[1].avg": ["required"], "[0].AVG": ["required"]}), answer()
    )
    client.send_missing([kept(1), kept(2)])
    assert set(server.requests[1].json[1]) == {"time", "min", "max", "average", "avg"}


@pytest.mark.parametrize(
    "refusal",
    [
        problem(400, errors={"Min": ["too low"]}),
        problem(400, errors={"Average": ["unknown"]}),
        problem(400, errors=["Avg"]),
        problem(422, errors={"Avg": ["required"]}),
        answer(400, '{"errors": {"Avg": []}}', content_type="text/plain"),
        answer(400, '["Avg"]', content_type="application/json"),
    ],
)
def test_any_other_complaint_is_a_rejection_without_a_second_attempt(
    connect: Connect, refusal: Behaviour
) -> None:
    server, client = connect(refusal)
    rejection(client)
    assert len(server.requests) == 1


def test_when_the_second_form_is_refused_for_another_reason_its_words_count(connect: Connect) -> None:
    server, client = connect(AVG_IS_REQUIRED, problem(400, title="Min is too low."), answer())
    assert rejection(client) == "400 Bad Request: Min is too low."
    client.send(kept())
    assert "avg" in server.requests[2].json


def test_when_the_second_form_is_refused_for_avg_again_nothing_is_remembered(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    too_cold = problem(400, title="Avg must be between -50 and 50.", errors={"Avg": ["…"]})
    server, client = connect(AVG_IS_REQUIRED, too_cold, answer())
    assert "must be between" in rejection(client)
    client.send(kept())
    assert "avg" not in server.requests[2].json
    assert not caplog.messages


def test_once_both_names_are_sent_there_is_nothing_left_to_negotiate(connect: Connect) -> None:
    server, client = connect(AVG_IS_REQUIRED, answer(), AVG_IS_REQUIRED)
    client.send(kept())
    rejection(client)
    assert len(server.requests) == 3


def test_when_the_second_attempt_fails_the_measurement_is_kept(connect: Connect) -> None:
    _, client = connect(AVG_IS_REQUIRED, answer(500))
    assert trouble(client).reason == "500 Internal Server Error"


def test_a_complaint_that_was_cut_short_sets_nothing_aside(connect: Connect) -> None:
    cut = raw(b'HTTP/1.1 400 Bad Request\r\nContent-Length: 200\r\n\r\n{"errors": {"Av')
    server, client = connect(cut, answer())
    client.send(kept())
    client.send(kept())
    assert ["avg" in request.json for request in server.requests] == [False, True, False]


@pytest.mark.parametrize(
    ("form", "names"), [("average", {"average"}), ("avg", {"avg"}), ("both", {"average", "avg"})]
)
def test_a_pinned_form_is_never_negotiated(connect: Connect, form: str, names: set[str]) -> None:
    server, client = connect(AVG_IS_REQUIRED, average_key=form)
    rejection(client)
    [request] = server.requests
    assert set(request.json) == {"time", "min", "max"} | names


def test_the_token_is_read_anew_when_it_was_replaced(connect: Connect, tmp_path: Path) -> None:
    token = tmp_path / "token"
    server, client = connect(token_file=token)
    for text in ("first\n", "second"):
        token.write_text(text)
        client.send(kept())
    assert [request.headers["authorization"] for request in server.requests] == [
        "Bearer first",
        "Bearer second",
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        ("", "no token in it"),
        ("\n", "no token in it"),
        ("a\nb", "no token in it"),
        ("tökén", "no token in it"),
    ],
)
def test_without_a_usable_token_nothing_is_sent(
    connect: Connect, tmp_path: Path, content: str | None, why: str
) -> None:
    token = tmp_path / "token"
    if content is not None:
        token.write_text(content)
    server, client = connect(token_file=token)
    found = trouble(client)
    assert (found.reason, found.retry) == (f"backend.token_file {token}: {why}", False)
    assert not server.requests


def test_the_deadline_is_the_configured_one(connect: Connect) -> None:
    _, client = connect(hang, timeout_s=0.1)
    assert trouble(client).reason == "no answer within 0.1 s"


def test_numbers_travel_as_they_are(connect: Connect) -> None:
    server, client = connect()
    measurement = TemperatureMeasurement(
        START, START + timedelta(minutes=2), min=-49.83, max=50.0, average=0.1
    )
    client.send(Kept("9f3a61c2", 1, measurement, Quality(1, 1, {}, {})))
    sent = json.loads(server.requests[0].body, parse_float=str)
    assert (sent["min"], sent["max"], sent["average"]) == ("-49.83", "50.0", "0.1")


PIECES = (
    b"HTTP/1.1 |200|400|503| |\r\n|\r\n\r\n|Content-Length: |3|-|:|Transfer-Encoding: chunked|Retry-After: |Date: |"
    b'Content-Type: application/json|{}|{"errors":{"Avg":|Content-Encoding: gzip|Location: |Connection: close'
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.sampled_from(PIECES.split(b"|")), st.binary(max_size=9))),
    st.sampled_from([b"", b"HTTP/1.1 400 No\r\n", b"HTTP/1.1 503 No\r\n"]),
)
def test_whatever_comes_for_an_answer_ends_in_one_of_the_three_ways(
    connect: Connect, parts: list[bytes], start: bytes
) -> None:
    server, client = connect(raw(start + b"".join(parts)))
    reason = ""
    try:
        client.send(kept())
    except (Unreachable, Rejected) as error:
        reason = error.reason
    assert reason.isprintable()
    assert len(reason) <= 500
    assert 1 <= len(server.requests) <= 2
