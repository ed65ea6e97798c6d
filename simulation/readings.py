"""Readings posted to a backend, and its statistics of them, as a client asks for them."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from simulation.answer import Answer
from simulation.backend import Backend

Reading = tuple[str, str, float]
"""The sensor, the time in ISO 8601, the value."""


def post(backend: Backend, key: str, readings: Iterable[Reading]) -> Answer:
    """Post them under an Idempotency-Key. Raises Refused, Reset."""
    names = ("sensor", "timestamp", "value")
    body = json.dumps([dict(zip(names, reading, strict=True)) for reading in readings])
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return backend.request("POST", "/data", headers, body.encode())


def statistics(backend: Backend, sensor: str) -> dict[str, Any]:
    """Give `last_measurement`, `count` and `avg`. Raises Refused, Reset."""
    return _document(backend.request("GET", f"/statistics/{quote(sensor)}"))


def buckets(backend: Backend, sensor: str, by: str) -> list[dict[str, Any]]:
    """Give `start`, `end`, `count`, `sum`, `min`, `max`, `avg` of each hour, day, month or year in UTC that has any."""
    found: list[dict[str, Any]] = _document(backend.request("GET", f"/buckets/{quote(sensor)}?by={by}"))[
        "buckets"
    ]
    return found


def _document(answer: Answer) -> dict[str, Any]:
    if answer.status != 200:
        raise ValueError(f"{answer.status}: {answer.body.decode()}")
    document: dict[str, Any] = json.loads(answer.body)
    return document
