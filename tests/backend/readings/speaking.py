"""What the tests say to a backend about readings."""

import json
from typing import Any

import httpx
from litestar.testing import TestClient

Client = TestClient[Any]
JSON, TEXT = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}


def reading(**changes: Any) -> dict[str, Any]:
    """A good one, with fields changed."""
    return {"sensor": "s", "timestamp": "2021-11-09T21:38:09Z", "value": 1} | changes


def post(client: Client, *readings: dict[str, Any], **headers: str) -> httpx.Response:
    """Post readings in contract B's form."""
    return client.post("/data", content=json.dumps(readings), headers=JSON | headers)


def post_lines(client: Client, lines: str | bytes, **headers: str) -> httpx.Response:
    """Post readings in contract D's form."""
    return client.post("/data", content=lines, headers=TEXT | headers)


def statistics(client: Client, sensor: str) -> tuple[str | None, int, float]:
    """The latest time, count and average of a sensor whose name needs no escape."""
    answer = client.get(f"/statistics/{sensor}")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["last_measurement"], told["count"], told["avg"]


def listed(client: Client, start: str, end: str, **query: str) -> list[tuple[str, str, float]]:
    """Times, names and values of a range."""
    answer = client.get("/data", params={"from": start, "to": end} | query)
    assert answer.status_code == 200, answer.text
    return [(one["time"], one["name"], one["value"]) for one in answer.json()]
