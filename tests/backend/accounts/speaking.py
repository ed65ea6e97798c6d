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


def login(client: Client, address: str = "", **changes: str) -> httpx.Response:
    """Log Ada in, with fields changed; from another address, if one is named."""
    document = {"email": ADA["email"], "password": ADA["password"]} | changes
    return post(client, "login", document, **({"X-Forwarded-For": address} if address else {}))


def tokens(answer: httpx.Response) -> tuple[str, str]:
    """The access and the refresh token that were given."""
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert list(given) == ["access_token", "refresh_token"]
    return given["access_token"], given["refresh_token"]
