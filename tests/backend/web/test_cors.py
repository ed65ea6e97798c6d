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


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"Origin": "https://other.example"}, "Origin"),
        ({"Access-Control-Request-Method": "PATCH"}, "method"),
        ({"Access-Control-Request-Headers": "x-other"}, "headers"),
    ],
)
def test_a_page_is_told_as_a_problem_that_it_may_not_ask(
    named: TestClient[Any], changes: dict[str, str], what: str
) -> None:
    answer = named.options("/api/temperature", headers=ASK | changes)

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "title": "Bad Request",
        "status": 400,
        "detail": f"Disallowed CORS {what}.",
        "request_id": answer.headers["X-Request-Id"],
    }


@pytest.mark.parametrize("headers", [{}, {"Origin": PAGE}, {"Origin": "https://other.example"}])
def test_no_cache_gives_a_page_the_answer_to_another(named: TestClient[Any], headers: dict[str, str]) -> None:
    answers = [
        named.get("/livez", headers=headers),
        named.get("/nothing", headers=headers),
        named.options("/data", headers=ASK | headers),
    ]

    assert [answer.headers.get_list("Vary") for answer in answers] == [["Origin"]] * 3
