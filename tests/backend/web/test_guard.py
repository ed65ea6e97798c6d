"""Which requests get in: with which token, and where the backend is closed."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend.app import ROUTES
from sampler.backend.store import StoreUnavailable
from sampler.backend.store import tokens as table
from sampler.backend.store.opening import open_store
from sampler.backend.store.tokens import SCOPES
from sampler.backend.web.guard import FRESH_S, KnownTokens
from tests.backend.conftest import Serve
from tests.backend.speaking import document
from tests.backend.web.tokens import bearer, status, token_in

Client = TestClient[Any]
WRITE = ("POST", "/api/temperature")
READ = ("GET", "/api/temperature")
JSON, TEXT = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'backend.db'}"


@pytest.fixture
def closed(serve: Serve) -> Client:
    return serve(open=False)


def test_every_route_says_for_whom_it_is_or_asks_for_the_user() -> None:
    silent = {path for route in ROUTES if "scope" not in route.opt for path in route.paths}
    named = [route.opt["scope"] for route in ROUTES if route.opt.get("scope") is not None]

    assert all(path.startswith("/v1/") for path in silent)
    scopes = {
        scope for wanted in named for scope in ([wanted] if isinstance(wanted, str) else wanted.values())
    }
    assert scopes <= set(SCOPES)


def test_without_a_token_nobody_gets_in(closed: Client) -> None:
    answer = closed.post("/api/temperature", json=document())

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="sampler"'
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("header", ["Bearer sampler_wrong", "bearer x", "Bearer \x7f"])
def test_with_a_wrong_token_nobody_gets_in(closed: Client, header: str) -> None:
    answer = closed.get("/api/temperature", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="sampler", error="invalid_token"'


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "sampler_x"])
def test_what_is_no_bearer_token_is_none(closed: Client, header: str) -> None:
    answer = closed.get("/api/temperature", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="sampler"'


def test_a_token_opens_what_it_is_for_and_nothing_else(closed: Client, database: str) -> None:
    token = token_in(database, "write:A")

    assert status(closed, *WRITE, token, json=document()) == 200
    answer = closed.get("/api/temperature", headers=bearer(token))
    assert answer.status_code == 403
    assert answer.json()["detail"] == "This token is not for read."
    challenge = 'Bearer realm="sampler", error="insufficient_scope", scope="read"'
    assert answer.headers["WWW-Authenticate"] == challenge


def test_an_admin_may_do_everything(closed: Client, database: str) -> None:
    admin = token_in(database, "admin")

    assert status(closed, *WRITE, admin, json=document()) == 200
    assert status(closed, *READ, admin) == 200
    assert status(closed, "GET", "/receipts", admin) == 200


@pytest.mark.parametrize(
    ("scope", "headers", "body", "expected"),
    [
        ("write:B", JSON, "[]", 200),
        ("write:B", TEXT, "1649941817 Voltage 1.34", 403),
        ("write:D", TEXT, "1649941817 Voltage 1.34", 200),
        ("write:D", JSON, "[]", 403),
        ("write:D", {"Content-Type": "text/json; charset=utf-8"}, "[]", 403),
        ("write:B", {"Content-Type": "image/png"}, "", 415),
        ("write:D", {"Content-Type": "image/png"}, "", 415),
        ("write:A", {"Content-Type": "image/png"}, "", 403),
    ],
)
def test_readings_in_json_and_in_text_are_two_contracts(  # noqa: PLR0917 - a table's columns
    closed: Client, database: str, scope: str, headers: dict[str, str], body: str, expected: int
) -> None:
    token = token_in(database, scope)

    assert status(closed, "POST", "/data", token, headers=headers, content=body) == expected


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/openapi.json", "/docs"])
def test_some_things_are_for_everybody(closed: Client, path: str) -> None:
    assert closed.get(path).status_code < 300


def test_of_a_closed_backend_the_login_is_for_every_page_under_every_name(closed: Client) -> None:
    afar = {"Host": "sampler.example", "Origin": "https://page.example"}

    assert closed.post("/auth/login", json={}, headers=afar).status_code == 422
    assert closed.get("/v1/data", headers=afar).status_code == 401
    assert closed.get("/healthz", headers=afar).status_code == 204


def test_an_open_backend_looks_at_no_token(client: Client) -> None:
    assert status(client, *WRITE, "sampler_wrong", json=document()) == 200


def test_an_expired_token_opens_nothing(closed: Client, database: str) -> None:
    token = token_in(database, "read", lasts_s=-1)

    assert status(closed, *READ, token) == 401


def test_who_asked_is_in_the_receipt(closed: Client, database: str) -> None:
    token, admin = token_in(database, "write:A", name="porch"), token_in(database, "admin", name="me")
    status(closed, *READ, token)

    (receipt,) = closed.get("/receipts", headers=bearer(admin)).json()

    assert (receipt["who"], receipt["status"], receipt["reason"]) == (
        "token porch",
        403,
        "This token is not for read.",
    )


def test_receipts_are_an_admins_wherever_others_reach_them(serve: Serve) -> None:
    trusted = serve(host="0.0.0.0", open=True)

    assert trusted.post("/api/temperature", json=document()).status_code == 200
    assert trusted.get("/receipts").status_code == 401


def test_on_loopback_receipts_are_for_who_sits_there(client: Client) -> None:
    assert client.get("/receipts").status_code == 200


def test_nobody_gets_in_while_nobody_can_tell(closed: Client, tmp_path: Path) -> None:
    (tmp_path / "backend.db").rename(tmp_path / "away.db")

    answer = closed.get("/api/temperature", headers=bearer("sampler_x"))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_revoked_token_opens_something_for_two_seconds_at_most(database: str) -> None:
    token, clock = token_in(database, "read"), Clock()
    store = open_store(database)

    async def course() -> None:
        known = KnownTokens(store, clock)
        assert await known.find(token)
        with store.writing() as session:
            assert table.revoke(session, "test", int(time.time()))
        clock.now = FRESH_S - 0.01
        assert await known.find(token)
        clock.now = FRESH_S
        assert await known.find(token) is None

    try:
        asyncio.run(course())
    finally:
        store.close()


def test_a_new_token_is_known_at_once(database: str) -> None:
    token, clock = token_in(database, "read"), Clock()
    store = open_store(database)

    async def course() -> None:
        known = KnownTokens(store, clock)
        assert await known.find(token)
        another = token_in(database, "read", name="another")
        clock.now = 0.2
        assert await known.find(another)

    try:
        asyncio.run(course())
    finally:
        store.close()


def test_two_tokens_may_use_the_same_idempotency_key(closed: Client, database: str) -> None:
    def posted(token: str, value: int) -> int:
        reading = [{"sensor": "s", "timestamp": "2022-01-01T00:00:00Z", "value": value}]
        return status(closed, "POST", "/data", token, json=reading, headers={"Idempotency-Key": "1"})

    one, other = (token_in(database, "write:B", name=name) for name in ("one", "other"))

    assert [posted(one, 1), posted(other, 2), posted(one, 2)] == [200, 200, 422]


def test_a_flood_of_wrong_tokens_asks_the_store_once(database: str) -> None:
    token_in(database, "read")
    store = open_store(database)
    asked = []

    class Counted(KnownTokens):
        def _live(self) -> Any:
            asked.append(1)
            return super()._live()

    async def flood() -> None:
        known = Counted(store, Clock())
        assert await asyncio.gather(*(known.find(f"sampler_{i}") for i in range(100))) == [None] * 100
        assert await known.find("sampler_100") is None

    try:
        asyncio.run(flood())
    finally:
        store.close()
    assert len(asked) == 1


def test_all_who_wait_for_a_store_that_is_away_are_told_so(database: str, tmp_path: Path) -> None:
    store = open_store(database)
    (tmp_path / "backend.db").rename(tmp_path / "away.db")

    async def ask() -> list[Any]:
        known = KnownTokens(store)
        return await asyncio.gather(*(known.find("x") for _ in range(3)), return_exceptions=True)

    try:
        assert [type(outcome) for outcome in asyncio.run(ask())] == [StoreUnavailable] * 3
    finally:
        store.close()
