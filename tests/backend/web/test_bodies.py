"""A body read while it arrives, from a client that sends it as it likes."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from litestar import Litestar, Request, post
from litestar.testing import TestClient

from sampler.backend.web.arrays import Elements
from sampler.backend.web.bodies import pieces
from sampler.backend.web.objects import Objects
from sampler.backend.web.problems import HANDLERS

LIMIT = 300_000
ROW = json.dumps({"name": "a", "value": 1.5}).encode()


class Point(msgspec.Struct):
    name: str
    value: float


@post("/", status_code=200, request_max_body_size=LIMIT)
async def count(request: Request[Any, Any, Any]) -> dict[str, Any]:
    elements = Elements(Objects(Point), 10**6)
    sizes = [len(piece) async for piece in pieces(request, elements)]
    return {"count": elements.count, "pieces": len(sizes), "sum": sum(sizes)}


@pytest.fixture
def client() -> Iterator[TestClient[Any]]:
    app = Litestar([count], exception_handlers=HANDLERS, logging_config=None, openapi_config=None)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_a_body_comes_in_pieces(client: TestClient[Any]) -> None:
    answer = client.post("/", content=b"[" + b",".join([ROW] * 9000) + b"]")

    # 252 001 bytes: three pieces of about 64 KiB, and the rest.
    assert answer.json() == {"count": 9000, "pieces": 4, "sum": 9000}


def test_a_body_that_says_that_it_is_too_long_is_refused_unread(client: TestClient[Any]) -> None:
    answer = client.post("/", content=b"[" + b" " * LIMIT + b"]")

    assert (answer.status_code, answer.json()["status"]) == (413, 413)


def test_a_body_that_grows_too_long_is_refused_while_it_comes(client: TestClient[Any]) -> None:
    taken = []

    def body() -> Iterator[bytes]:
        for number in range(1000):
            taken.append(number)
            yield b" " * 10_000

    assert client.post("/", content=body()).status_code == 413


def test_a_fault_is_answered_400(client: TestClient[Any]) -> None:
    answer = client.post("/", content=b'[{"name":"a"}]')

    assert (answer.status_code, answer.json()["errors"]) == (400, {"[0].value": ["It is required."]})


def test_others_have_their_turn_between_two_pieces() -> None:
    body = b"[" + b",".join([ROW] * 9000) + b"]"
    turns = 0

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def another() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def both() -> int:
        handler = count
        request: Request[Any, Any, Any] = Request(
            {"type": "http", "headers": [], "route_handler": handler, "litestar_app": None}, receive=receive
        )
        other = asyncio.create_task(another())
        seen = [turns async for _ in pieces(request, Elements(Objects(Point), 10**6))]
        other.cancel()
        return len(set(seen))

    assert asyncio.run(both()) == 4
