"""Compressed bodies: a small one could be a large one, so none is taken."""

import gzip
from typing import Any

import pytest
from litestar.testing import TestClient

Client = TestClient[Any]
BOMB = gzip.compress(b" " * 10**8)  # 97 KB


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "identity, gzip", "x"])
def test_a_compressed_body_is_refused_unread(client: Client, kind: str, coding: str) -> None:
    headers = {"Content-Type": kind, "Content-Encoding": coding}

    answer = client.post("/data", content=BOMB, headers=headers)

    assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "identity")
    assert answer.json()["detail"] == "The body must not be compressed."


@pytest.mark.parametrize("path", ["/api/temperature", "/api/temperature/missing", "/auth/login"])
def test_in_every_room(client: Client, path: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert client.post(path, content=gzip.compress(b"[]"), headers=headers).status_code == 415


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
def test_one_that_says_that_it_is_none_is_read(client: Client, coding: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}

    assert client.post("/data", content=b"[]", headers=headers).json() == {"accepted": 0}
