"""The two endpoints: what is taken, what is refused, what fails on purpose."""

import json
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.backend.conftest import Serve
from tests.backend.speaking import document, post, stored

Client = TestClient[Any]


def test_a_measurement_is_stored_and_answered_with_nothing(client: Client) -> None:
    answer = post(client, document())

    assert (answer.status_code, answer.content) == (200, b"")
    (found,) = stored(client)
    received = found.pop("received")
    assert found == document(device=None, key=None) | {"device": None, "key": None}
    assert received.endswith("Z")


def test_an_empty_array_is_taken_and_stores_nothing(client: Client) -> None:
    assert post(client, []).status_code == 200
    assert stored(client) == []


def test_more_than_the_documents_ten_are_taken(client: Client) -> None:
    assert post(client, [document()] * 1000).status_code == 200
    assert len(stored(client)) == 1000


def test_more_than_a_thousand_are_too_many(client: Client) -> None:
    answer = post(client, [document()] * 1001)

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"$": ["The array must hold at most 1000 measurements, not 1001."]}


def test_one_bad_element_keeps_the_whole_array_out(client: Client) -> None:
    answer = post(client, [document(), document(min=None), document()])

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "title": "One or more validation errors occurred.",
        "status": 400,
        "request_id": answer.headers["X-Request-Id"],
        "errors": {"[1].Min": ["The Min field is required."]},
    }
    assert stored(client) == []


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/vnd.api+json",
        "text/json",
    ],
)
def test_every_way_to_say_json_is_understood(client: Client, media_type: str) -> None:
    assert post(client, document(), **{"Content-Type": media_type}).status_code == 200


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "json", "", "application/jsonp"])
def test_what_is_not_said_to_be_json_is_answered_415(client: Client, media_type: str) -> None:
    answer = post(client, document(), **{"Content-Type": media_type})

    assert answer.status_code == 415
    assert answer.json()["detail"] == "The Content-Type must be application/json."
    assert stored(client) == []


def test_a_body_over_ten_mebibytes_is_answered_413(client: Client) -> None:
    answer = post(client, b" " * (10 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_of_ten_mebibytes_is_read(client: Client) -> None:
    body = json.dumps(document()).encode()

    assert post(client, body + b" " * (10 * 1024 * 1024 - len(body))).status_code == 200


def test_an_unknown_address_is_a_problem_too(client: Client) -> None:
    answer = client.get("/api/nothing")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_request_that_loses_the_lottery_stores_nothing(serve: Serve, tmp_path: Path) -> None:
    client = serve(fail_rate=1.0)

    answers = [post(client, document()), post(client, [document()]), post(client, [])]

    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert answers[0].json()["detail"] == "--fail-rate: nothing was stored"
    assert stored(client) == []
    assert (tmp_path / "output.txt").read_text() == ""


def test_an_invalid_request_does_not_enter_the_lottery(serve: Serve) -> None:
    client = serve(fail_rate=1.0)

    assert post(client, document(min=None)).status_code == 400
    assert post(client, document(), **{"Content-Type": "text/plain"}).status_code == 415
    assert post(client, [document()], **{"Idempotency-Key": "a-1, a-2"}).status_code == 400


def test_fail_after_stores_and_then_fails(serve: Serve) -> None:
    client = serve(fail_after=1.0)

    answer = post(client, document())

    assert answer.status_code == 500
    assert answer.json()["detail"] == "--fail-after: it was stored nevertheless"
    assert len(stored(client)) == 1


def test_what_was_stored_behind_a_500_is_not_stored_again(serve: Serve) -> None:
    failing = serve(fail_after=1.0)
    identity = {"X-Device": "kitchen", "Idempotency-Key": "9f3a61c2-41"}
    assert post(failing, document(), **identity).status_code == 500

    assert post(serve(), document(), **identity).status_code == 200
    assert len(stored(failing)) == 1


def test_the_same_seed_gives_the_same_failures(serve: Serve) -> None:
    def course(**settings: Any) -> list[int]:
        client = serve(fail_rate=0.4, **settings)
        return [post(client, []).status_code for _ in range(50)]

    assert course(seed=7) == course(seed=7) == course(seed=7, fail_after=0.0) != course(seed=8)


def test_a_fault_of_ours_shows_no_stack_trace(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    client = serve()
    monkeypatch.setattr("sampler.backend.store.measurements._INSERT", "nonsense")

    answer = post(client, document())

    assert answer.status_code == 500
    name = answer.headers["X-Request-Id"]
    assert answer.json() == {"title": "Internal Server Error", "status": 500, "request_id": name}


def test_the_limit_of_a_body_is_the_operator_s_to_set(serve: Serve) -> None:
    client = serve(max_body_bytes=2000)

    assert post(client, b" " * 2001).status_code == 413
    assert post(client, document()).status_code == 200
