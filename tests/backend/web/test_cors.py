"""Pages of other origins: not let in unless they are named."""

from typing import Any

import pytest
from litestar.testing import TestClient

from tests.backend.conftest import Serve
from tests.backend.speaking import document

PAGE = "https://page.example"
ASK = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
HEADERS = "authorization, content-type, idempotency-key, x-device, customer_id"


@pytest.fixture
def named(serve: Serve) -> TestClient[Any]:
    return serve(cors=(PAGE,))


def test_no_page_is_let_in_unless_it_is_named(client: TestClient[Any]) -> None:
    answers = [
        client.options("/api/temperature", headers=ASK),
        client.get("/livez", headers={"Origin": PAGE}),
    ]

    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]


def test_a_named_page_may_ask_and_see_what_it_needs(named: TestClient[Any]) -> None:
    before = named.options("/api/temperature", headers=ASK | {"Access-Control-Request-Headers": HEADERS})
    answer = named.post("/api/temperature", json=document(), headers={"Origin": PAGE})

    assert before.status_code == 204
    assert before.headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert {"link", "retry-after", "x-request-id"} == set(
        answer.headers["Access-Control-Expose-Headers"].lower().split(", ")
    )
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_refusal_can_be_read_by_a_named_page_too(named: TestClient[Any]) -> None:
    answer = named.post("/api/temperature", json={}, headers={"Origin": PAGE})

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (400, PAGE)


@pytest.mark.parametrize(
    "origin", ["https://other.example", "http://page.example", "null", f"{PAGE}.evil.example"]
)
def test_another_page_is_not_let_in(named: TestClient[Any], origin: str) -> None:
    asked = named.options("/api/temperature", headers=ASK | {"Origin": origin})
    answer = named.get("/livez", headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert asked.status_code == 400 or "Access-Control-Allow-Origin" not in asked.headers
