"""POST /auth/register."""

# ruff: noqa: S106 - nobody has these passwords

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from sampler.backend.accounts.documents import MAX_PASSWORD_BYTES
from tests.backend.accounts.speaking import ADA, Client, login, post, refused, register, tokens

ON_BOTH = pytest.mark.usefixtures("database_url")
KEY = {"Idempotency-Key": "k-1"}


@ON_BOTH
def test_whoever_registers_is_told_number_name_and_address(client: Client) -> None:
    answers = [register(client), register(client, email="bob@example.com", username=" Bob ")]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == {"id": 1, "username": "Ada", "email": "ada@example.com"}
    assert answers[1].json() == {"id": 2, "username": "Bob", "email": "bob@example.com"}


@ON_BOTH
def test_an_address_that_is_taken_is_answered_409_however_it_is_written(client: Client) -> None:
    register(client)

    for email in ("ada@example.com", "ADA@Example.com", "\uff41da@example.com"):
        answer = register(client, email=email, username="Eve", password="another one")
        assert answer.status_code == 409
        assert refused(answer)["detail"] == "This e-mail is registered already."

    tokens(login(client))  # the first one's password is still the one
    assert register(client, email="bob@example.com").json()["id"] == 2


def test_names_may_be_alike(client: Client) -> None:
    register(client)

    assert register(client, email="ada2@example.com").status_code == 201


def test_what_cannot_be_used_is_answered_422_and_every_field_is_named(client: Client) -> None:
    answer = post(client, "register", {"email": "ada", "password": "12345"})

    assert answer.status_code == 422
    assert refused(answer) == {
        "title": "One or more fields cannot be used.",
        "status": 422,
        "errors": {
            "username": ["It is required."],
            "email": ["It must be an e-mail address."],
            "password": ["It must have at least 6 characters."],
        },
    }


def test_the_longest_password_counts_to_its_last_letter(client: Client) -> None:
    longest = "x" * MAX_PASSWORD_BYTES
    assert register(client, password=longest).status_code == 201

    tokens(login(client, password=longest))
    assert login(client, password=longest[:-1]).status_code == 401


@ON_BOTH
def test_eight_who_want_one_address_at_once_get_it_once(client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: register(client, username=f"user {n}").status_code, range(8)))

    assert sorted(answers) == [201] + [409] * 7


@ON_BOTH
def test_a_repetition_under_its_key_gets_the_first_answer(client: Client) -> None:
    answers = [post(client, "register", ADA, **KEY) for _ in range(2)]

    assert [(answer.status_code, answer.json()["id"]) for answer in answers] == [(201, 1), (201, 1)]


def test_another_body_under_the_key_is_answered_422(client: Client) -> None:
    post(client, "register", ADA, **KEY)

    answer = post(client, "register", ADA | {"password": "another one"}, **KEY)

    assert answer.status_code == 422
    assert "was used for a request with another body" in refused(answer)["detail"]


def test_a_key_whose_request_was_refused_is_free_for_one_that_is_not(client: Client) -> None:
    register(client)
    assert post(client, "register", ADA, **KEY).status_code == 409

    assert post(client, "register", ADA | {"email": "ada2@example.com"}, **KEY).status_code == 201


def test_neither_password_nor_anything_it_could_be_guessed_from_fast_is_stored(
    client: Client, tmp_path: Path
) -> None:
    body = json.dumps(ADA).encode()
    post(client, "register", body, **KEY)

    with apsw.Connection(str(tmp_path / "backend.db")) as database:
        [(fingerprint, answer)] = database.execute("SELECT fingerprint, body FROM answers")
        [(password,)] = database.execute("SELECT password FROM users")
    assert fingerprint != hashlib.sha256(body).digest()
    assert b"horse" not in answer
    assert password.startswith("$argon2id$")
    everything = b"".join(file.read_bytes() for file in tmp_path.glob("backend.db*"))
    assert b"correct horse" not in everything
    assert hashlib.sha256(body).digest() not in everything
