"""What the tests say for customers, and how."""

import json
from typing import Any

import httpx
from litestar.testing import TestClient

from sampler.backend.customers import sample

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
DOCUMENT = {
    "customerID": 1,
    "tagID": 2,
    "userID": "aaaaaaaa-bbbb-cccc-1111-222222222222",
    "remoteIP": "123.234.56.78",
    "timestamp": 1500000000,
}


def document(**changes: Any) -> bytes:
    """The published example, with fields changed, or left out where ... is given."""
    return json.dumps(
        {name: value for name, value in (DOCUMENT | changes).items() if value is not ...}
    ).encode()


def post(
    client: TestClient[Any], body: bytes | None = None, customer: str | None = "1", **headers: str
) -> httpx.Response:
    """Post a request in the name of the customer."""
    named = {} if customer is None else {"customer_id": customer}
    sent = {"Content-Type": "application/json", "User-Agent": AGENT} | named | headers
    return client.post("/", content=document() if body is None else body, headers=sent)


def counted(client: TestClient[Any]) -> dict[str, tuple[int, int]]:
    """How many requests were counted for each customer that has any, whenever: all, and the invalid ones."""
    found = {}
    for customer in sample.CUSTOMERS:
        answer = client.get("/customerStats", params={"customer_id": customer.number})
        hours = list(answer.json().values())
        if answer.status_code == 200 and hours:
            totals = (
                sum(hour["total_requests"] for hour in hours),
                sum(hour["invalid_requests"] for hour in hours),
            )
            found[str(customer.number)] = totals
    return found
