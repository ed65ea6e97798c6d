"""Stored once per identity, however often and in whatever company it arrives."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from sampler.backend.temperature.identity import device, keys
from sampler.backend.web.problems import Invalid
from tests.backend.speaking import document, post, stored

Client = TestClient[Any]


def named(keys: str, device: str = "kitchen") -> dict[str, str]:
    return {"X-Device": device, "Idempotency-Key": keys}


def test_a_repetition_is_a_success_and_stored_once(client: Client) -> None:
    answers = [post(client, document(), **named("9f3a61c2-41")) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    (found,) = stored(client)
    assert (found["device"], found["key"]) == ("kitchen", "9f3a61c2-41")


def test_what_came_alone_is_known_inside_an_array(client: Client) -> None:
    post(client, document(), **named("a-2"))

    assert (
        post(client, [document(max=2), document(), document(max=4)], **named("a-1, a-2, a-3")).status_code
        == 200
    )
    assert [(found["key"], found["max"]) for found in stored(client)] == [
        ("a-2", 1.13),
        ("a-1", 2.0),
        ("a-3", 4.0),
    ]


def test_the_same_key_twice_in_one_array_is_stored_once(client: Client) -> None:
    assert post(client, [document(), document()], **named("a-1,a-1")).status_code == 200
    assert len(stored(client)) == 1


def test_a_known_identity_with_other_values_is_refused_with_its_whole_array(client: Client) -> None:
    post(client, document(), **named("a-1"))

    answer = post(client, [document(max=3), document(max=2)], **named("a-0, a-1"))

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "a-1 of device kitchen is stored with other values"
    assert [found["key"] for found in stored(client)] == ["a-1"]


def test_the_account_of_the_window_may_come_with_a_repetition(client: Client) -> None:
    post(client, document(), **named("a-1"))

    assert post(client, document(quality={"due": 1200}), **named("a-1")).status_code == 200


def test_two_devices_may_use_the_same_key(client: Client) -> None:
    post(client, document(), **named("a-1", "kitchen"))
    post(client, document(max=2), **named("a-1", "cellar"))

    assert [found["device"] for found in stored(client)] == ["kitchen", "cellar"]


def test_a_client_without_keys_is_stored_as_it_comes(client: Client) -> None:
    for _ in range(2):
        post(client, document())
        post(client, document(), **{"X-Device": "kitchen"})

    assert [found["device"] for found in stored(client)] == [None, "kitchen", None, "kitchen"]


def test_a_client_with_keys_and_no_name_is_recognised_too(client: Client) -> None:
    for _ in range(2):
        assert post(client, document(), **{"Idempotency-Key": "8e03978e"}).status_code == 200

    assert len(stored(client)) == 1


def test_a_name_beyond_ascii_comes_percent_encoded(client: Client) -> None:
    post(client, document(), **named("a-1", "K%C3%BCche%2C%20100%25"))

    assert stored(client, device="Küche, 100%")[0]["device"] == "Küche, 100%"


@pytest.mark.parametrize(("keys", "count"), [("a-1", 2), ("a-1, a-2, a-3", 2), ("", 2), ("a-1", 0)])
def test_there_must_be_a_key_for_each_element(client: Client, keys: str, count: int) -> None:
    answer = post(client, [document()] * count, **named(keys))

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]
    assert stored(client) == []


@pytest.mark.parametrize("keys", ["a-1, ", ",", ", ".join(["k" * 101, "a"]), "a, b\tc"])
def test_a_key_must_be_bounded_and_printable(client: Client, keys: str) -> None:
    answer = post(client, [document()] * 2, **named(keys))

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])


@pytest.mark.parametrize("device", ["x" * 201, "%ff", "two%0Alines"])
def test_a_name_must_be_bounded_and_printable(client: Client, device: str) -> None:
    answer = post(client, document(), **named("a-1", device))

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["X-Device"])


def test_a_name_in_raw_bytes_is_refused_rather_than_guessed_at(client: Client) -> None:
    headers = [(b"Content-Type", b"application/json"), (b"X-Device", "Küche".encode())]
    answer = client.post("/api/temperature", content=json.dumps(document()), headers=headers)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["X-Device"])


def test_a_repetition_writes_no_second_line(client: Client, tmp_path: Path) -> None:
    post(client, document(), **named("a-1"))
    post(client, [document(), document(max=2)], **named("a-1, a-2"))

    lines = (tmp_path / "output.txt").read_text().splitlines()
    assert [line.partition("] ")[2] for line in lines] == [
        "max: 1.13 min: 1.11 avg: 1.12",
        "max: 2 min: 1.11 avg: 1.12",
    ]


HEADERS = st.text(st.characters(max_codepoint=255)) | st.text("ab ,\t%25C3\xe9")


@given(HEADERS)
def test_any_header_names_a_device_or_is_refused(header: str) -> None:
    with contextlib.suppress(Invalid):
        name = device({"X-Device": header})
        assert len(name) <= 200
        assert name.isprintable()


@given(HEADERS, st.integers(0, 3))
def test_any_header_has_a_key_for_each_measurement_or_is_refused(header: str, measurements: int) -> None:
    with contextlib.suppress(Invalid):
        found = keys({"Idempotency-Key": header}, measurements)
        assert found is not None
        assert len(found) == measurements
        assert all(0 < len(key) <= 100 and key.isascii() for key in found)
