"""Rows on their way in: all or none, once, and whoever's they are."""

import json
from typing import Any

import pytest

from sampler.backend.environment.intake import AT_ONCE
from tests.backend.environment.conftest import User
from tests.backend.environment.speaking import row, rows

LARGE = 3 * AT_ONCE + 1


def without_id(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "id"} for one in found]


def test_rows_are_stored_and_given_back_with_their_ids(ada: User) -> None:
    answer = ada.post([row(), row(sensor_id="cellar", temperature=0)])

    assert answer.status_code == 201
    first, second = answer.json()
    assert first == row(id=first["id"])
    assert second == row(id=first["id"] + 1, sensor_id="cellar", temperature=0.0)
    assert ada.rows() == [first, second]


def test_a_zero_has_no_sign(ada: User) -> None:
    answer = ada.post([row(temperature=-0.0, humidity=-0.0, pressure=-0.0)])

    assert '"temperature":0.0,"humidity":0.0,"pressure":0.0' in answer.text
    assert ada.get().text.startswith(f'{{"data":{answer.text}')


@pytest.mark.parametrize("path", ["/v1/data", "/v1/data/"])
def test_a_final_slash_is_nothing(ada: User, path: str) -> None:
    assert ada.post([row()], path).status_code == 201
    assert ada.found(path)["pagination"]["total"] == 1


def test_an_empty_array_is_taken_and_stores_nothing(ada: User) -> None:
    answer = ada.post([])

    assert (answer.status_code, answer.json()) == (201, [])
    assert ada.rows() == []


def test_a_time_is_given_back_in_utc_to_the_tick(ada: User) -> None:
    times = ["2022-01-05T11:00:00+01:00", "2022-01-05T10:00:00", "2022-01-05", "2022-01-05T10:00:00.1234567Z"]

    stored = ada.post([row(timestamp=time) for time in times]).json()

    assert [one["timestamp"] for one in stored] == [
        "2022-01-05T10:00:00.000Z",
        "2022-01-05T10:00:00.000Z",
        "2022-01-05T00:00:00.000Z",
        "2022-01-05T10:00:00.1234567Z",
    ]


def test_nothing_is_stored_of_a_request_with_one_bad_row_and_the_row_is_named(ada: User) -> None:
    answer = ada.post([row(), row(sensor_id="", timestamp="yesterday"), row()])

    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "[1].sensor_id": ["It must have 1 to 200 characters."],
        "[1].timestamp": ["It must be an ISO 8601 time such as 2021-04-12T20:20:20.000Z."],
    }
    assert ada.rows() == []


def test_a_large_batch_is_answered_with_all_its_rows_in_their_order(ada: User) -> None:
    answer = ada.post(rows(LARGE))

    assert answer.status_code == 201
    stored = answer.json()
    assert without_id(stored) == rows(LARGE)
    assert [one["id"] for one in stored] == sorted({one["id"] for one in stored})
    assert ada.rows() == stored


def test_nothing_is_seen_of_a_large_batch_whose_last_row_is_bad(ada: User) -> None:
    answer = ada.post([*rows(LARGE), row(pressure=None)])

    assert answer.status_code == 400
    assert answer.json()["errors"] == {f"[{LARGE}].pressure": ["It is required."]}
    assert ada.rows() == []
    assert ada.found("/v1/data/aggregate")["data"] == []


@pytest.mark.parametrize("many", [2, LARGE])
def test_a_repetition_under_its_key_is_answered_as_before_and_stores_nothing(ada: User, many: int) -> None:
    key = {"Idempotency-Key": f"batch-{many}"}
    first = ada.post(rows(many), **key)

    second = ada.post(rows(many), **key)

    assert (second.status_code, second.json()) == (201, first.json())
    assert len(ada.rows()) == many


@pytest.mark.parametrize("many", [2, LARGE])
def test_another_body_under_a_used_key_is_refused(ada: User, many: int) -> None:
    ada.post([row()], **{"Idempotency-Key": "used"})

    answer = ada.post(rows(many), **{"Idempotency-Key": "used"})

    assert answer.status_code == 422
    assert len(ada.rows()) == 1


def test_another_user_may_use_the_same_key(ada: User, eva: User) -> None:
    for user in (ada, eva):
        assert user.post([row()], **{"Idempotency-Key": "mine"}).status_code == 201
        assert len(user.rows()) == 1


def test_a_body_over_64_mib_is_refused(ada: User) -> None:
    answer = ada.post(b"[" + b" " * (64 * 1024 * 1024) + b"]")

    assert answer.status_code == 413


def test_what_is_not_said_to_be_json_is_refused(ada: User) -> None:
    answer = ada.post(json.dumps([row()]).encode(), **{"Content-Type": "text/csv"})

    assert answer.status_code == 415


def test_without_a_login_nothing_is_taken_or_told(ada: User) -> None:
    stranger = User(ada.client, {})

    answers = [
        stranger.post([row()]),
        stranger.get(),
        stranger.get("/v1/data/kitchen"),
        stranger.get("/v1/data/aggregate"),
        stranger.put("/v1/data/1", {"humidity": 1}),
        stranger.get("/v1/analysis/trend", sensor_id="kitchen"),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert all(answer.headers["WWW-Authenticate"].startswith("Bearer") for answer in answers)
