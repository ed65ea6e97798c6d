"""Contract B as its published document has it, over HTTP to a process: exact at the moment of the answer."""

import json
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real

NOTHING = {"last_measurement": None, "count": 0, "avg": 0.0}


def reading(sensor: str, timestamp: str, value: float) -> dict[str, Any]:
    return {"sensor": sensor, "timestamp": timestamp, "value": value}


def post(backend: BackendProcess, *readings: dict[str, Any], **headers: str) -> requests.Response:
    typed = {"Content-Type": "application/json"} | headers
    return requests.post(f"{backend.url}/data", json.dumps(readings), headers=typed, timeout=10)


def statistics(backend: BackendProcess, sensor: str) -> dict[str, Any]:
    answer = requests.get(f"{backend.url}/statistics/{quote(sensor, safe='')}", timeout=10)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_the_published_samples_give_the_published_statistics(backend: BackendProcess) -> None:
    answers = [
        post(backend, reading("sensor1", "2021-11-08T21:38:09+00:00", 2.1)),
        post(
            backend,
            reading("sensor1", "2021-11-09T21:38:10+00:00", 1.0),
            reading("sensor1", "2021-11-09T21:38:11+00:00", 2.2),
            reading("sensor0", "2021-11-09T21:38:09+01:00", 3),
        ),
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, {"accepted": 1}),
        (200, {"accepted": 3}),
    ]
    told = statistics(backend, "sensor1")
    assert (told["count"], told["last_measurement"]) == (3, "2021-11-09T21:38:11+00:00")
    assert told["avg"] == pytest.approx(5.3 / 3, rel=1e-15)  # 1.7666…
    assert statistics(backend, "sensor0") == {
        "last_measurement": "2021-11-09T21:38:09+01:00",
        "count": 1,
        "avg": 3.0,
    }


def test_an_unknown_sensor_has_counted_nothing(backend: BackendProcess) -> None:
    assert statistics(backend, "nobody's") == NOTHING


def test_an_empty_array_is_accepted(backend: BackendProcess) -> None:
    answer = post(backend)

    assert (answer.status_code, answer.json()) == (200, {"accepted": 0})


def test_the_latest_is_the_latest_of_the_times_in_the_bodies_not_of_arrival(backend: BackendProcess) -> None:
    post(backend, reading("late", "2021-11-09T12:00:00+02:00", 1))
    post(backend, reading("late", "2021-11-09T10:00:01+00:00", 2))  # a second later
    post(backend, reading("late", "2021-11-09T23:59:59+14:00", 3))  # 09:59:59 in UTC

    assert statistics(backend, "late") == {
        "last_measurement": "2021-11-09T10:00:01+00:00",
        "count": 3,
        "avg": 2.0,
    }


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (reading("atom", "yesterday", 1), "[1].timestamp"),
        (reading("atom", "2021-11-09T21:38:09", "1"), "[1].value"),  # type: ignore[arg-type]
        (reading("", "2021-11-09T21:38:09", 1), "[1].sensor"),
        ({"sensor": "atom", "timestamp": "2021-11-09T21:38:09"}, "[1].value"),
    ],
)
def test_one_bad_element_is_named_and_nothing_of_the_batch_is_stored(
    backend: BackendProcess, bad: dict[str, Any], field: str
) -> None:
    answer = post(backend, reading("atom", "2021-11-09T21:38:09+00:00", 1), bad)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [field]
    assert statistics(backend, "atom") == NOTHING


def test_the_same_reading_twice_is_two_readings(backend: BackendProcess) -> None:
    one = reading("twice", "2021-11-09T21:38:09+00:00", 1)

    post(backend, one, one)
    post(backend, one)

    assert statistics(backend, "twice")["count"] == 3


def test_a_repetition_under_its_key_is_stored_once(backend: BackendProcess) -> None:
    one = reading("keyed", "2021-11-09T21:38:09+00:00", 1)
    key = {"Idempotency-Key": "b-1"}

    answers = [post(backend, one, **key) for _ in range(3)]
    another = post(backend, one, one, **key)

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, '{"accepted":1}')}
    assert another.status_code == 422
    assert statistics(backend, "keyed")["count"] == 1


def test_a_cleared_sensor_starts_again_at_nothing_and_keeps_its_readings(backend: BackendProcess) -> None:
    post(backend, reading("cleared", "2021-11-01T00:00:00Z", 1))
    answer = requests.delete(f"{backend.url}/statistics/cleared", timeout=10)

    assert (answer.status_code, answer.content) == (204, b"")
    assert statistics(backend, "cleared") == NOTHING
    assert len(listed(backend, "cleared")) == 1

    post(backend, reading("cleared", "2021-10-01T00:00:00Z", 5))
    assert statistics(backend, "cleared") == {
        "last_measurement": "2021-10-01T00:00:00+00:00",
        "count": 1,
        "avg": 5.0,
    }
    assert len(listed(backend, "cleared")) == 2


def test_readings_are_deleted_where_that_is_asked_for(backend: BackendProcess) -> None:
    post(backend, reading("deleted", "2021-11-01T00:00:00Z", 1))
    answer = requests.delete(f"{backend.url}/statistics/deleted?readings=true", timeout=10)

    assert answer.status_code == 204
    assert statistics(backend, "deleted") == NOTHING
    assert listed(backend, "deleted") == []


def listed(backend: BackendProcess, name: str) -> list[dict[str, Any]]:
    query = {"from": "2021-01-01", "to": "2021-12-31", "name": name}
    answer = requests.get(f"{backend.url}/data", query, timeout=10)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_name_may_hold_anything_that_can_be_printed(backend: BackendProcess) -> None:
    for name in ("a/b", "a b", "100 %", "ü?#&", "buckets", "a/buckets", "%2F", "-", "😀"):
        post(backend, reading(name, "2021-11-09T21:38:09+00:00", 1))

        assert statistics(backend, name)["count"] == 1


def test_a_ready_backend_says_so(backend: BackendProcess) -> None:
    answer = requests.get(f"{backend.url}/healthz", timeout=10)

    assert (answer.status_code, answer.content) == (204, b"")


def test_what_was_answered_survives_a_crash(backend: BackendProcess) -> None:
    for second in range(5):
        post(backend, reading("crash", f"2021-11-09T21:38:0{second}Z", second))

    backend.kill()
    backend.start()

    assert statistics(backend, "crash") == {
        "last_measurement": "2021-11-09T21:38:04+00:00",
        "count": 5,
        "avg": 2.0,
    }
    assert backend.command("verify") == "all statistics are what the readings give\n"
