"""What nobody in good faith sends to /auth, and the exact answers."""

# ruff: noqa: S106 - nobody has these passwords

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend.app import opened
from sampler.backend.settings import Settings
from tests.backend.accounts.speaking import ADA, Client, post, refused, register
from tests.backend.conftest import Serve

REQUIRED = ["It is required."]
STRING = ["It must be a string."]
OBJECT = ["The document must be an object."]
NO_ADDRESS = ["It must be an e-mail address."]
JSON = "The body must be JSON: "
DEEP = "It must not be nested deeper than 32 levels."


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One backend for all of this file, where Ada is registered."""
    folder = tmp_path_factory.mktemp("hostile")
    settings = Settings(f"sqlite:///{folder / 'backend.db'}", key_file=folder / "backend.key")
    with contextlib.ExitStack() as stack:
        app = stack.enter_context(opened(settings))
        client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
        assert register(client).status_code == 201
        yield client


def short(value: object) -> str:
    return str(value)[:40]


def ada(**changes: Any) -> bytes:
    return json.dumps(ADA | changes).encode()


MALFORMED = [
    ("register", b"", f"{JSON}Input data was truncated (byte 0)."),
    ("register", b"\0", f"{JSON}invalid character (byte 0)."),
    ("register", b"{'username': 'Ada'}", f"{JSON}object keys must be strings (byte 1)."),
    ("register", ada() + b"]", f"{JSON}trailing characters (byte 77)."),
    ("register", b'{"username": NaN}', f"{JSON}invalid character (byte 13)."),
    ("register", b"[" * 16_000, DEEP),
    ("register", b'{"a":' * 3_000, DEEP),
    ("register", b'{"n":' + b"[" * 32 + b"]" * 32 + b"}", DEEP),
    ("login", b"\xff\xfe{\0}\0", None),
    ("login", b'{"email": "\xff@example.com", "password": "x"}', None),
    ("login", b'{"email": "\\ud800@example.com", "password": "x"}', None),
    ("login", b'{"email": "a@b", "password": "x", "n": 1e999}', None),
    ("refresh", b"<refresh_token>x</refresh_token>", None),
    ("logout", b"refresh_token=x", None),
]


@pytest.mark.parametrize(("what", "body", "words"), MALFORMED, ids=short)
def test_what_is_no_json_is_answered_400(client: Client, what: str, body: bytes, words: str | None) -> None:
    answer = post(client, what, body)

    assert answer.status_code == 400
    problem = refused(answer)
    assert list(problem["errors"]) == ["$"]
    assert problem["errors"]["$"][0].startswith(words or JSON)


UNFIT: list[tuple[str, bytes, dict[str, list[str]]]] = [
    ("register", b"null", {"$": OBJECT}),
    ("register", b"[]", {"$": OBJECT}),
    ("register", b'["username", "email", "password"]', {"$": OBJECT}),
    ("register", ada(username={"$ne": None}), {"username": STRING}),
    ("register", ada(username=True), {"username": STRING}),
    ("register", ada(email=["ada@example.com"]), {"email": STRING}),
    ("register", ada(email="ada@example.com\0"), {"email": NO_ADDRESS}),
    ("register", ada(email="ada@example.com, eve@example.com"), {"email": NO_ADDRESS}),
    ("register", ada(email="ada@example.com\nBcc: eve@example.com"), {"email": NO_ADDRESS}),
    ("register", ada(email="' OR 1=1 --"), {"email": NO_ADDRESS}),
    ("register", ada(email="a" * 12_000 + "@b"), {"email": ["It must not be longer than 254 bytes."]}),
    ("register", ada(username="\0"), {"username": ["It must not hold control characters."]}),
    ("register", ada(username="\u202eadA"), {"username": ["It must not hold control characters."]}),
    ("register", ada(username="x" * 12_000), {"username": ["It must have 1 to 100 characters."]}),
    ("register", ada(password=123456), {"password": STRING}),
    ("register", ada(password="x" * 12_000), {"password": ["It must not be longer than 1024 bytes."]}),
    ("register", b'{"Username": "A", "EMAIL": "a@b", "password ": "123456"}', dict.fromkeys(ADA, REQUIRED)),
    ("login", b"{}", {"email": REQUIRED, "password": REQUIRED}),
    ("login", b'{"email": {"$gt": ""}, "password": {"$gt": ""}}', {"email": STRING, "password": STRING}),
    ("login", b'{"email": "*", "password": "x"}', {"email": NO_ADDRESS}),
    ("login", b'{"email": "ada@example.com\\u0000", "password": "x"}', {"email": NO_ADDRESS}),
    ("refresh", b"{}", {"refresh_token": REQUIRED}),
    ("refresh", b'{"refresh_token": null}', {"refresh_token": REQUIRED}),
    ("refresh", b'{"refresh_token": 0}', {"refresh_token": STRING}),
    ("logout", b'{"refresh_token": []}', {"refresh_token": STRING}),
]


@pytest.mark.parametrize(("what", "body", "errors"), UNFIT, ids=short)
def test_what_cannot_be_used_is_answered_422(
    client: Client, what: str, body: bytes, errors: dict[str, list[str]]
) -> None:
    answer = post(client, what, body)

    assert answer.status_code == 422
    title = "One or more fields cannot be used."
    assert refused(answer) == {"title": title, "status": 422, "errors": errors}


REFUSED: list[tuple[str, bytes, int, str]] = [
    ("login", b'{"email": "ada@example.com", "password": ""}', 401, "The e-mail or the password is wrong"),
    (
        "login",
        b'{"email": "ada@example.com", "password": "\\u0000"}',
        401,
        "The e-mail or the password is wrong",
    ),
    ("login", b'{"email": "%@example.com", "password": "x"}', 401, "The e-mail or the password is wrong"),
    (
        "login",
        b'{"email": "ada@example.com", "email": "eve@example.com", "password": "correct horse"}',
        401,
        "The",
    ),
    ("refresh", b'{"refresh_token": ""}', 401, "This refresh token is of no use: the token is not valid."),
    (
        "refresh",
        b'{"refresh_token": "a.b.c"}',
        401,
        "This refresh token is of no use: the token is not valid.",
    ),
    (
        "refresh",
        b'{"refresh_token": "\\u0000"}',
        401,
        "This refresh token is of no use: the token is not valid.",
    ),
    (
        "refresh",
        b'{"refresh_token": "%b"}' % (b"a" * 10_240),
        401,
        "This refresh token is of no use: the token is too",
    ),
    (
        "logout",
        b'{"refresh_token": "a.b.c"}',
        401,
        "This refresh token is of no use: the token is not valid.",
    ),
    ("register", b" " * 16_385, 413, "Request Entity Too Large"),
    ("login", b" " * 16_385, 413, "Request Entity Too Large"),
]


@pytest.mark.parametrize(("what", "body", "status", "words"), REFUSED, ids=short)
def test_what_is_wrong_or_too_much_is_answered_so(
    client: Client, what: str, body: bytes, status: int, words: str
) -> None:
    answer = post(client, what, body)

    assert answer.status_code == status
    assert refused(answer)["detail"].startswith(words)


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", "*/*"],
)
@pytest.mark.parametrize("what", ["register", "login", "refresh", "logout"])
def test_what_is_not_declared_as_json_is_answered_415(client: Client, what: str, kind: str) -> None:
    answer = post(client, what, ada(), **{"Content-Type": kind})

    assert answer.status_code == 415
    assert refused(answer)["detail"] == "The Content-Type must be application/json."


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("what", ["register", "login", "refresh", "logout"])
def test_other_methods_are_answered_405(client: Client, what: str, method: str) -> None:
    assert client.request(method, f"/auth/{what}").status_code == 405


@pytest.mark.parametrize("what", ["register", "login", "refresh", "logout"])
def test_a_slash_at_the_end_does_not_matter(client: Client, what: str) -> None:
    assert post(client, f"{what}/", b"{}").status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 201, "\x07", "é"])
def test_a_key_that_is_none_is_answered_400(client: Client, key: str) -> None:
    answer = client.post(
        "/auth/register",
        content=ada(),
        headers={b"Content-Type": b"application/json", b"Idempotency-Key": key.encode("latin-1")},
    )

    assert answer.status_code == 400
    assert list(refused(answer)["errors"]) == ["Idempotency-Key"]


def test_no_receipt_of_a_refusal_holds_a_secret(serve: Serve, tmp_path: Path) -> None:
    client = serve()
    register(client)
    for path in (
        "/auth/login",
        "/auth/login/",
        "/%61uth/login",
        "/auth/register",
        "/auth/refresh",
        "/auth/logout",
    ):
        for body in (
            ada(password="hush-hush"),
            b'{"refresh_token": "hush-hush"}',
            b'{"password": "hush-hush"',
        ):
            answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
            assert 400 <= answer.status_code < 500
            assert b"hush" not in answer.content

    receipts = client.get("/receipts").json()
    assert {receipt["endpoint"] for receipt in receipts} > {"/auth/login", "/auth/register"}
    assert b"hush" not in b"".join(file.read_bytes() for file in tmp_path.glob("backend.db*"))
