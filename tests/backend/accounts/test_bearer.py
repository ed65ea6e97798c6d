"""Who asks: the argument `user` of handlers."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery
from litestar.testing import TestClient

from sampler.backend.accounts import bearer
from sampler.backend.accounts.sessions import Pair
from sampler.backend.web import asker
from sampler.backend.web.problems import HANDLERS
from tests.backend.accounts.conftest import Instance
from tests.backend.accounts.speaking import Client, refused

AnyRequest = Request[Any, Any, Any]


@get("/v1/thread", sync_to_thread=True)
def in_a_thread(user: NamedDependency[int], request: AnyRequest, number: FromQuery[int] = 0) -> str:
    return f"{user} {asker.of(request.scope)} {number}"


@post("/v1/loop")
async def in_the_loop(user: NamedDependency[int], request: AnyRequest) -> str:
    return f"{user} {asker.of(request.scope)} {len(await request.body())}"


@pytest.fixture
def client(instance: Instance) -> Iterator[Client]:
    parts = {"sessions": Provide(lambda: instance.sessions, sync_to_thread=False)}
    app = Litestar(
        [in_a_thread, in_the_loop],
        dependencies={"user": Provide(bearer.user), **parts},
        exception_handlers=HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def pair(instance: Instance) -> Pair:
    return asyncio.run(instance.log_in())


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_a_handler_is_told_the_user_and_receipts_too(client: Client, pair: Pair, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {pair.access_token}"}

    assert client.get("/v1/thread", headers=headers).text == "1 user 1 0"
    assert client.post("/v1/loop", headers=headers, content=b"body").text == "1 user 1 4"


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic YWRhOng=", "Token x", "x"])
def test_without_a_token_it_is_answered_401(client: Client, value: str) -> None:
    for answer in (
        client.get("/v1/thread", headers={"Authorization": value}),
        client.get("/v1/thread"),
        client.post("/v1/loop", headers={"Authorization": value}),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert refused(answer)["detail"] == "It needs Authorization: Bearer and the access_token of a login."


def test_it_is_answered_401_before_anything_else_is_looked_at(client: Client) -> None:
    assert client.get("/v1/thread", params={"number": "many"}).status_code == 401


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "a" * 10_240, "ä", "\x7f", "a b"])
def test_a_token_that_is_none_is_answered_401(client: Client, token: str) -> None:
    answer = client.get("/v1/thread", headers={"Authorization": f"Bearer {token}".encode()})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_refresh_token_opens_nothing(client: Client, pair: Pair) -> None:
    headers = {"Authorization": f"Bearer {pair.refresh_token}"}

    assert client.get("/v1/thread", headers=headers).status_code == 401


def test_the_access_token_of_a_session_that_ended_opens_nothing(
    client: Client, pair: Pair, instance: Instance
) -> None:
    headers = {"Authorization": f"Bearer {pair.access_token}"}
    assert client.get("/v1/thread", headers=headers).status_code == 200

    instance.clock.pass_by(959)
    assert client.get("/v1/thread", headers=headers).status_code == 200
    instance.clock.pass_by(1)
    answer = client.get("/v1/thread", headers=headers)
    assert answer.status_code == 401
    assert refused(answer)["detail"] == "No access for this token: the token has expired."
