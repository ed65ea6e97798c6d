"""Tokens for the tests, put into a backend's own store."""

import time
from typing import Any

from litestar.testing import TestClient

from sampler.backend.store import tokens as table
from sampler.backend.store.opening import open_store
from sampler.backend.store.tokens import Token


def token_in(database: str, *scopes: str, name: str = "test", lasts_s: int | None = None) -> str:
    """Make a token there, and give it."""
    secret, now = table.make(), int(time.time())
    expires = None if lasts_s is None else now + lasts_s
    store = open_store(database)
    try:
        with store.writing() as session:
            table.add(session, table.hashed(secret), Token(0, name, frozenset(scopes), now, expires))
    finally:
        store.close()
    return secret


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def status(client: TestClient[Any], method: str, path: str, token: str | None, **more: Any) -> int:
    headers = more.pop("headers", {}) | (bearer(token) if token is not None else {})
    return int(client.request(method, path, headers=headers, **more).status_code)
