"""What the tests say to the endpoints under /auth."""

import json
from typing import Any

import httpx
from litestar.testing import TestClient

Client = TestClient[Any]
ADA = {"username": "Ada", "email": "ada@example.com", "password": "correct horse"}


def post(client: Client, what: str, document: Any, **headers: str) -> httpx.Response:
    """Post to /auth/WHAT; bytes go as they are."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return client.post(f"/auth/{what}", content=body, headers={"Content-Type": "application/json"} | headers)


def register(client: Client, **changes: Any) -> httpx.Response:
    """Register Ada, with fields changed."""
    return post(client, "register", ADA | changes)


def login(client: Client, **changes: Any) -> httpx.Response:
    """Log Ada in, with fields changed."""
    return post(client, "login", {"email": ADA["email"], "password": ADA["password"]} | changes)


def tokens(answer: httpx.Response) -> tuple[str, str]:
    """The access and the refresh token that were given."""
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert list(given) == ["access_token", "refresh_token"]
    return given["access_token"], given["refresh_token"]


def refused(answer: httpx.Response) -> dict[str, Any]:
    """The problem, without the request's name."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    problem.pop("request_id", None)
    return problem
