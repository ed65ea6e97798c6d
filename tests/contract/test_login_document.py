"""Contract E's logins as its published document has them, over HTTP to a process."""

# ruff: noqa: S106 - nobody has these passwords

import base64
import itertools
import json
from typing import Any

import pytest
import requests

from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real

PASSWORD = "correct horse"  # noqa: S105 - nobody has it
_numbers = itertools.count(1)


@pytest.fixture
def email() -> str:
    """An address that nobody has registered yet."""
    return f"user{next(_numbers)}@example.com"


def post(backend: BackendProcess, what: str, document: Any, **headers: str) -> requests.Response:
    return requests.post(f"{backend.url}/auth/{what}", json=document, headers=headers, timeout=10)


def register(backend: BackendProcess, email: str, **changes: Any) -> requests.Response:
    return post(backend, "register", {"username": "Ada", "email": email, "password": PASSWORD} | changes)


def login(
    backend: BackendProcess, email: str, password: str = PASSWORD, address: str = "192.0.2.1"
) -> requests.Response:
    """Log in from an address, as a proxy on this machine says it."""
    document = {"email": email, "password": password}
    return post(backend, "login", document, **{"X-Forwarded-For": address})


def payload(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_registering_is_answered_201(backend: BackendProcess, email: str) -> None:
    answer = register(backend, email)

    assert answer.status_code == 201
    assert answer.json() == {"id": answer.json()["id"], "username": "Ada", "email": email}


def test_an_e_mail_that_is_taken_is_answered_409(backend: BackendProcess, email: str) -> None:
    register(backend, email)

    assert register(backend, email.upper()).status_code == 409


def test_an_invalid_registration_is_answered_422_naming_the_fields(backend: BackendProcess) -> None:
    answer = register(backend, "nobody", password="12345")

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == ["email", "password"]


def test_a_password_of_six_is_enough(backend: BackendProcess, email: str) -> None:
    assert register(backend, email, password="123456").status_code == 201


def test_a_login_gives_two_jwts_of_15_minutes_and_30_days(backend: BackendProcess, email: str) -> None:
    register(backend, email)

    answer = login(backend, email)

    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "refresh_token"}
    access, refresh = payload(answer.json()["access_token"]), payload(answer.json()["refresh_token"])
    assert access["exp"] - access["iat"] == 15 * 60
    assert refresh["exp"] - refresh["iat"] == 30 * 24 * 3600


def test_wrong_and_unknown_are_answered_401_in_the_same_words(backend: BackendProcess, email: str) -> None:
    register(backend, email)

    wrong, unknown = login(backend, email, "wrong horse"), login(backend, f"no{email}", "wrong horse")

    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert set(wrong.headers) == set(unknown.headers)


def test_a_refresh_gives_the_next_two_and_a_logout_ends_it(backend: BackendProcess, email: str) -> None:
    register(backend, email)
    first = login(backend, email).json()

    second = post(backend, "refresh", first)
    assert second.status_code == 200
    out = post(backend, "logout", second.json())
    assert (out.status_code, out.content) == (204, b"")

    assert post(backend, "refresh", second.json()).status_code == 401


def test_with_and_without_a_final_slash(backend: BackendProcess, email: str) -> None:
    assert register(backend, email).status_code == 201
    assert post(backend, "login/", {"email": email, "password": PASSWORD}).status_code == 200


def test_users_tokens_and_passwords_outlive_a_restart(backend: BackendProcess, email: str) -> None:
    register(backend, email)
    first = login(backend, email).json()
    backend.restart()

    assert post(backend, "refresh", first).status_code == 200
    assert login(backend, email).status_code == 200


def test_a_proxy_on_this_machine_says_whose_attempts_they_are(backend: BackendProcess, email: str) -> None:
    register(backend, email)
    tried = [login(backend, email, "wrong horse", "203.0.113.7").status_code for _ in range(11)]

    assert tried == [401] * 10 + [429]
    assert login(backend, email, address="203.0.113.8").status_code == 200


def test_no_password_and_no_token_is_in_the_log(backend: BackendProcess, email: str) -> None:
    register(backend, email)
    first = login(backend, email).json()
    login(backend, email, "wrong horse")
    post(backend, "refresh", first)
    post(backend, "refresh", {"refresh_token": first["refresh_token"] + "x"})

    log = backend.log.read_text()
    assert "horse" not in log
    assert first["refresh_token"][:100] not in log
