"""What the tests say to a backend, and how."""

import json
from typing import Any

import httpx
from litestar.testing import TestClient

START, END = "2021-04-12T20:20:20.000Z", "2021-04-12T20:22:20.000Z"


def document(**changes: Any) -> dict[str, Any]:
    """The published example, with fields changed, or left out where None is given."""
    whole = {"time": {"start": START, "end": END}, "min": 1.11, "max": 1.13, "average": 1.12} | changes
    return {name: value for name, value in whole.items() if value is not None}


def post(client: TestClient[Any], what: Any, **headers: str) -> httpx.Response:
    """Post one measurement, or an array of them, to where it belongs; bytes go as they are to the single's."""
    path = "/api/temperature/missing" if isinstance(what, list) else "/api/temperature"
    body = what if isinstance(what, bytes) else json.dumps(what).encode()
    return client.post(path, content=body, headers={"Content-Type": "application/json"} | headers)


def stored(client: TestClient[Any], **query: Any) -> list[dict[str, Any]]:
    """What the backend lists."""
    answer = client.get("/api/temperature", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found
