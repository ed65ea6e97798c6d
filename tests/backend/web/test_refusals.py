"""What the log has of requests that were answered with an error."""

from pathlib import Path
from typing import Any

import apsw
import pytest
import requests
from litestar.testing import TestClient

from sampler.backend.web.allowance import Allowance
from sampler.backend.web.doorman import Doorman
from sampler.backend.web.refusals import Refusals
from sampler.backend.web.request_id import Named
from tests.backend.conftest import Serve
from tests.backend.speaking import document, post
from tests.backend.web.asgi import Exchange, answering, chunk
from tests.backend_process import BackendProcess
from tests.disk import Disk

Client = TestClient[Any]
WHY = b'{"title":"Conflict","status":409,"detail":"It is taken."}'


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.handler.addFilter(Named())
    return caplog


def lines(log: pytest.LogCaptureFixture) -> list[str]:
    """The lines as an operator has them."""
    return [f"{record.levelname} {record.getMessage()}{record.request}" for record in log.records]  # type: ignore[attr-defined]


def test_an_error_has_a_line_with_its_reason_and_the_request_s_name(log: pytest.LogCaptureFixture) -> None:
    Exchange(path="/some%0Awhere", headers={"X-Request-Id": "n-1"}).over(Doorman(answering(409, WHY)))

    assert lines(log) == ["WARNING 409 POST /some%0Awhere: It is taken. [n-1]"]


@pytest.mark.parametrize("status", [200, 204, 304])
def test_what_is_no_error_has_none(log: pytest.LogCaptureFixture, status: int) -> None:
    Exchange().over(Doorman(answering(status)))

    assert lines(log) == []


def test_who_went_away_has_none(log: pytest.LogCaptureFixture) -> None:
    Exchange(messages=[chunk(b"{")]).over(Doorman(answering(400)))

    assert lines(log) == []


def test_a_refusal_by_a_room_and_an_address_that_is_none_are_told(
    client: Client, log: pytest.LogCaptureFixture
) -> None:
    post(client, document(min=-51), **{"X-Request-Id": "n-1"})
    client.get("/wp-login.php", headers={"X-Request-Id": "n-2"})

    assert lines(log) == [
        'WARNING 400 POST /api/temperature: {"Min":["The Min field must be between -50 and 50."]} [n-1]',
        "WARNING 404 GET /wp-login.php: Not Found [n-2]",
    ]


def test_each_request_that_an_outage_refuses_is_told(
    disk: Disk, client: Client, log: pytest.LogCaptureFixture
) -> None:
    disk.fault = apsw.FullError
    assert post(client, document(), **{"X-Request-Id": "n-1"}).status_code == 503

    assert lines(log)[-1] == (
        "WARNING 503 POST /api/temperature: Nothing can be stored or read at the moment. [n-1]"
    )


def test_a_failure_that_is_wanted_is_none(serve: Serve, log: pytest.LogCaptureFixture) -> None:
    assert post(serve(fail_rate=1.0), document()).status_code == 500

    assert lines(log) == []


def test_neither_passwords_nor_what_stands_behind_the_address_are_told(
    client: Client, log: pytest.LogCaptureFixture
) -> None:
    client.post("/auth/login", json={"email": "me@example.org", "password": "correct horse"})
    client.post("/auth/register", json={"email": "me", "password": "correct horse"})

    assert len(lines(log)) == 2
    assert "horse" not in "".join(lines(log))
    assert "example.org" not in "".join(lines(log))


def test_words_of_others_are_one_line_that_does_nothing_to_a_terminal(log: pytest.LogCaptureFixture) -> None:
    answer = "no\n\x1b[31mERROR \u202eforged\r".encode() + b"x" * 10_000

    Exchange().over(Doorman(answering(400, answer)))

    (line,) = lines(log)
    assert line.startswith("WARNING 400 POST /: no\ufffd\ufffd[31mERROR \ufffdforged\ufffdxxx")
    assert len(line) < 600


def test_a_flood_has_few_lines_and_says_afterwards_how_many_it_had_none_for(
    log: pytest.LogCaptureFixture,
) -> None:
    clock = [0.0]
    refusals = Refusals(Allowance(burst=2, per_second=1.0, monotonic=lambda: clock[0]))
    for number in range(5):
        refusals.tell(404, f"GET /{number}", b"none")
    clock[0] = 1.0
    refusals.tell(404, "GET /5", b"none")
    clock[0] = 2.0
    refusals.tell(404, "GET /6", b"none")

    assert log.messages == [
        "404 GET /0: none",
        "404 GET /1: none",
        "3 more were refused meanwhile",
        "404 GET /5: none",
        "404 GET /6: none",
    ]


def test_how_many_were_left_out_is_not_said_of_the_request_that_comes_next(
    log: pytest.LogCaptureFixture,
) -> None:
    clock = [0.0]
    doorman = Doorman(answering(404, b"none"))
    doorman.refusals = Refusals(Allowance(burst=1, per_second=1.0, monotonic=lambda: clock[0]))
    for at, name in ((0.0, "n-0"), (0.0, "n-1"), (1.0, "n-2")):
        clock[0] = at
        Exchange(headers={"X-Request-Id": name}).over(doorman)

    assert lines(log) == [
        "WARNING 404 POST /: none [n-0]",
        "WARNING 1 more were refused meanwhile",
        "WARNING 404 POST /: none [n-2]",
    ]


@pytest.mark.real
def test_the_name_in_an_error_is_found_in_the_log_of_a_backend_that_runs(tmp_path: Path) -> None:
    with BackendProcess(tmp_path, "--closed") as backend:
        secret = {"Authorization": "Bearer sampler_secret"}
        address = f"{backend.url}/api/temperature?limit=sampler_secret"
        name = requests.get(address, headers=secret, timeout=10).json()["request_id"]

        assert backend.log.read_text() == (
            f"WARNING 401 GET /api/temperature: The token is unknown, expired or revoked. [{name}]\n"
        )
