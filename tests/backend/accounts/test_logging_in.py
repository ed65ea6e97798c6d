"""POST /auth/login, and what the tokens open."""

# ruff: noqa: S106 - nobody has these passwords

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import apsw
import argon2
import jwt
import pytest

from sampler.backend.store import accounts as table
from sampler.backend.store.opening import open_store
from tests.backend.accounts.speaking import ADA, Client, login, post, refused, register, tokens
from tests.backend.conftest import Serve
from tests.disk import Disk

ON_BOTH = pytest.mark.usefixtures("database_url")


@pytest.fixture
def users(tmp_path: Path) -> Iterator[Any]:
    """The table of users, beside the backend."""
    with contextlib.closing(open_store(f"sqlite:///{tmp_path / 'backend.db'}")) as store:
        yield store


@ON_BOTH
def test_a_login_gives_two_tokens_that_nobody_on_the_way_is_to_keep(client: Client) -> None:
    register(client)

    answer = login(client, email="Ada@EXAMPLE.com")

    access, refresh = tokens(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    lasts = [payload["exp"] - payload["iat"] for payload in map(unchecked, (access, refresh))]
    assert lasts == [15 * 60, 30 * 24 * 60 * 60]
    assert unchecked(access)["sub"] == "1"


def unchecked(token: str) -> dict[str, Any]:
    payload: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return payload


def test_unknown_wrong_and_disabled_are_answered_in_the_same_words_after_the_same_work(
    client: Client, users: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(client)
    register(client, email="out@example.com")
    with users.writing() as session:
        table.disable(session, 2, 0)
    work: list[Any] = []
    verify = argon2.PasswordHasher.verify

    def noted(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        work.append((argon2.extract_parameters(stored), password))
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", noted)
    wrong = login(client, password="wrong horse")
    unknown = login(client, email="nobody@example.com", password="wrong horse")
    disabled = login(client, email="out@example.com")

    assert refused(wrong) == refused(unknown) == refused(disabled)
    assert refused(wrong) == {
        "title": "Unauthorized",
        "status": 401,
        "detail": "The e-mail or the password is wrong, or the user is disabled.",
    }
    names = [sorted(answer.headers) for answer in (wrong, unknown, disabled)]
    assert names[0] == names[1] == names[2]
    assert wrong.headers["WWW-Authenticate"] == "Bearer"
    assert work[0] == work[1]
    assert len(work) == 3


def test_the_eleventh_wrong_password_waits_even_if_it_is_right(client: Client) -> None:
    register(client)
    assert {login(client, password=f"wrong {n}").status_code for n in range(10)} == {401}

    answer = login(client)

    assert answer.status_code == 429
    assert 880 < int(answer.headers["Retry-After"]) <= 901
    assert "Too many passwords were tried: come again in" in refused(answer)["detail"]
    assert register(client, email="bob@example.com").status_code == 201
    tokens(login(client, email="bob@example.com"))


def test_an_unknown_address_is_held_up_just_the_same(client: Client) -> None:
    answers = [login(client, email=f"{'nN'[n % 2]}obody@example.com").status_code for n in range(11)]

    assert answers == [401] * 10 + [429]


def test_a_login_that_failed_for_lack_of_a_disk_is_not_counted(disk: Disk, client: Client) -> None:
    register(client)
    disk.fault = apsw.FullError
    assert {login(client).status_code for _ in range(12)} == {503}

    disk.fault = None
    tokens(login(client))


def test_a_hash_of_former_parameters_is_made_anew_at_the_next_login(client: Client, users: Any) -> None:
    former = argon2.PasswordHasher(1, 8, 1).hash(ADA["password"])
    with users.writing() as session:
        table.add(session, table.Registration("Ada", ADA["email"], ADA["email"], former, 0))

    assert login(client, password="wrong horse").status_code == 401
    assert stored_hash(users) == former
    for _ in range(2):
        tokens(login(client))
        assert stored_hash(users).startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def stored_hash(users: Any) -> str:
    with users.reading() as session:
        user = table.by_email(session, ADA["email"])
        assert user
        return user.password


def test_more_passwords_than_can_wait_are_answered_503(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(client)
    may, waiting = threading.Event(), threading.Barrier(3)

    def held(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        if not may.is_set():
            waiting.wait(10)
            may.wait(10)
        return True

    monkeypatch.setattr(argon2.PasswordHasher, "verify", held)
    with ThreadPoolExecutor(40) as pool:
        # Two are being compared, 30 wait.
        answers = [pool.submit(login, client, email=f"user{n}@example.com") for n in range(33)]
        waiting.wait(10)
        busy = wait(answers, 10, FIRST_COMPLETED).done.pop().result()
        may.set()

    assert busy.status_code == 503
    assert busy.headers["Retry-After"] == "1"
    assert refused(busy)["detail"] == "Too many others are logging in at the moment."
    assert sorted(answer.result().status_code for answer in answers) == [401] * 32 + [503]


@ON_BOTH
def test_a_refresh_token_is_changed_for_the_next_and_ends_with_the_logout(client: Client) -> None:
    register(client)
    _, first = tokens(login(client))

    answer = post(client, "refresh", {"refresh_token": first})
    _, second = tokens(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert second != first
    for _ in range(2):
        out = post(client, "logout", {"refresh_token": second})
        assert (out.status_code, out.content) == (204, b"")

    after = post(client, "refresh", {"refresh_token": second})
    assert after.status_code == 401
    assert after.headers["WWW-Authenticate"] == "Bearer"
    assert refused(after)["detail"] == "This refresh token is of no use: the session has ended. Log in again."


def test_an_access_token_is_no_refresh_token(client: Client) -> None:
    register(client)
    access, _ = tokens(login(client))

    assert post(client, "refresh", {"refresh_token": access}).status_code == 401
    assert post(client, "logout", {"refresh_token": access}).status_code == 401


def test_answers_with_tokens_are_kept_under_no_key(client: Client, tmp_path: Path) -> None:
    register(client)
    document = {"email": ADA["email"], "password": ADA["password"]}
    one, other = (tokens(post(client, "login", document, **{"Idempotency-Key": "k"})) for _ in range(2))
    post(client, "refresh", {"refresh_token": one[1]}, **{"Idempotency-Key": "k"})

    assert one != other
    with apsw.Connection(str(tmp_path / "backend.db")) as database:
        assert database.execute("SELECT count(*) FROM answers").fetchall() == [(0,)]


def test_a_new_key_before_the_old_one_logs_nobody_out(serve: Serve, tmp_path: Path) -> None:
    client = serve()
    register(client)
    _, refresh = tokens(login(client))
    key_file = tmp_path / "backend.key"
    old = key_file.read_text()

    key_file.write_text("n" * 43 + "\n" + old)
    _, refresh = tokens(post(serve(), "refresh", {"refresh_token": refresh}))
    key_file.write_text("n" * 43 + "\n")
    tokens(post(serve(), "refresh", {"refresh_token": refresh}))
