"""Contract C as its published document has it, over HTTP to a process: judged in order, counted by the hour."""

import http.client
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests

from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real

DOCUMENT = (
    '{"customerID":1,"tagID":2,"userID":"aaaaaaaa-bbbb-cccc-1111-222222222222",'
    '"remoteIP":"123.234.56.78","timestamp":1500000000}'
)
NOTHING = {"total_requests": 0, "invalid_requests": 0}
LONG_AGO = {"day": "13", "month": "3", "year": "2022"}


@pytest.fixture(scope="module", autouse=True)
def _sample(running: BackendProcess) -> None:
    """The published customers and blacklist, added beside the running backend."""
    running.command("customers", "load-sample")


def post(backend: BackendProcess, body: str, customer: str | None = "1", **headers: str) -> requests.Response:
    named = {} if customer is None else {"customer_id": customer}
    return requests.post(f"{backend.url}/", body.encode(), headers=named | headers, timeout=10)


def ask(backend: BackendProcess, path: str, **query: str) -> requests.Response:
    return requests.get(backend.url + path, params=query, timeout=10)


def counted(backend: BackendProcess, customer: str) -> tuple[int, int]:
    """How many requests were counted for the customer until now: all, and the invalid ones."""
    hours = ask(backend, "/customerStats", customer_id=customer).json().values()
    return sum(hour["total_requests"] for hour in hours), sum(hour["invalid_requests"] for hour in hours)


def parts(day: date) -> dict[str, str]:
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)}


def test_the_documents_request_is_valid_and_counted(backend: BackendProcess) -> None:
    requests_before, invalid_before = counted(backend, "1")

    answer = post(backend, DOCUMENT)

    assert (answer.status_code, answer.json()) == (200, {"valid": True})
    assert counted(backend, "1") == (requests_before + 1, invalid_before)


@pytest.mark.parametrize("header", ["customer_id", "customer-id", "x-customer-id"])
def test_the_header_counts_in_every_spelling(backend: BackendProcess, header: str) -> None:
    assert post(backend, DOCUMENT, customer=None, **{header: "1"}).status_code == 200


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        ({"customer": None}, 401, "no-customer"),
        ({"customer": "first"}, 401, "no-customer"),
        ({"customer": "99"}, 404, "unknown-customer"),
    ],
)
def test_who_names_no_customer_is_refused_and_counts_for_nobody(
    backend: BackendProcess, sent: dict[str, Any], status: int, reason: str
) -> None:
    before = [counted(backend, customer) for customer in "1234"]

    answer = post(backend, DOCUMENT, **sent)

    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert [counted(backend, customer) for customer in "1234"] == before


@pytest.mark.parametrize(
    ("body", "customer", "agent", "told"),
    [
        ("no JSON", "1", "curl/8", (400, "broken-body")),
        (DOCUMENT.replace('"tagID":2,', ""), "1", "curl/8", (400, "broken-body")),
        (DOCUMENT.replace('"tagID":2', '"tagID":"2"'), "1", "curl/8", (400, "broken-body")),
        (DOCUMENT, "2", "curl/8", (403, "other-customer")),
        (DOCUMENT.replace('"customerID":1', '"customerID":3'), "3", "curl/8", (403, "inactive-customer")),
        (DOCUMENT.replace("123.234.56.78", "123.234.56"), "1", "curl/8", (400, "no-address")),
        (DOCUMENT.replace("123.234.56.78", "0.0.0.0"), "1", "curl/8", (403, "blacklisted-address")),
        (DOCUMENT.replace("123.234.56.78", "127.0.0.1"), "1", "curl/8", (403, "blacklisted-address")),
        (DOCUMENT.replace("123.234.56.78", "255.255.255.255"), "1", "curl/8", (403, "blacklisted-address")),
        (DOCUMENT, "1", "A6-Indexer", (403, "blacklisted-agent")),
        (DOCUMENT, "1", "Googlebot-News", (403, "blacklisted-agent")),
        (DOCUMENT, "1", "Googlebot", (403, "blacklisted-agent")),
        (DOCUMENT, "1", "Googlebot/2.1 (+http://www.google.com/bot.html)", (403, "blacklisted-agent")),
    ],
)
def test_an_invalid_request_counts_for_the_customer_named_in_the_header(
    backend: BackendProcess, body: str, customer: str, agent: str, told: tuple[int, str]
) -> None:
    requests_before, invalid_before = counted(backend, customer)

    answer = post(backend, body, customer, **{"User-Agent": agent})

    assert (answer.status_code, answer.json()["reason"]) == told
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert counted(backend, customer) == (requests_before + 1, invalid_before + 1)


def test_a_request_with_every_fault_is_refused_with_them_in_the_documents_order(
    backend: BackendProcess,
) -> None:
    body = '{"customerID":1,"tagID":"2","userID":"","remoteIP":"nowhere","timestamp":0}'
    asked = [
        post(backend, body, customer=None),
        post(backend, body, customer="99"),
        post(backend, body, customer="3"),
        post(backend, body := body.replace('"2"', "2"), customer="3"),
        post(backend, body := body.replace('"customerID":1', '"customerID":3'), customer="3"),
        post(backend, body := body.replace('"customerID":3', '"customerID":4'), "4"),
        post(backend, body := body.replace("nowhere", "127.0.0.1"), "4", **{"User-Agent": "Googlebot"}),
        post(backend, body := body.replace("127.0.0.1", "127.0.0.2"), "4", **{"User-Agent": "Googlebot"}),
        post(backend, body, customer="4"),
    ]

    assert [(answer.status_code, answer.json().get("reason")) for answer in asked] == [
        (401, "no-customer"),
        (404, "unknown-customer"),
        (400, "broken-body"),
        (403, "other-customer"),
        (403, "inactive-customer"),
        (400, "no-address"),
        (403, "blacklisted-address"),
        (403, "blacklisted-agent"),
        (200, None),
    ]


def test_a_repetition_under_its_key_is_counted_once(backend: BackendProcess) -> None:
    total, invalid = counted(backend, "2")
    body = DOCUMENT.replace('"customerID":1', '"customerID":2')

    for key, sent in (("c-1", body), ("c-2", "no JSON")):
        answers = [post(backend, sent, "2", **{"Idempotency-Key": key}) for _ in range(3)]
        assert len({(answer.status_code, answer.text) for answer in answers}) == 1

    assert post(backend, "another", "2", **{"Idempotency-Key": "c-1"}).status_code == 422
    assert counted(backend, "2") == (total + 2, invalid + 1)


def test_a_day_with_nothing_is_zeros_for_everybody(backend: BackendProcess) -> None:
    answer = ask(backend, "/stats", **LONG_AGO)

    assert answer.status_code == 200
    assert answer.json() == {
        "customer_1": NOTHING,
        "customer_2": NOTHING,
        "customer_3": NOTHING,
        "customer_4": NOTHING,
        "total_number": NOTHING,
    }


def test_a_day_with_nothing_is_zeros_for_one(backend: BackendProcess) -> None:
    answer = ask(backend, "/stats", **LONG_AGO, customer_id="2")

    assert answer.json() == {"2022-03-13": {"customer_id": "2"} | NOTHING}


def test_a_day_adds_up(backend: BackendProcess) -> None:
    post(backend, DOCUMENT)
    post(backend, "no JSON", "4")
    today = datetime.now(UTC).date()

    everybody = ask(backend, "/stats", **parts(today)).json()

    whole = everybody.pop("total_number")
    assert set(everybody) == {"customer_1", "customer_2", "customer_3", "customer_4"}
    for name in ("total_requests", "invalid_requests"):
        assert whole[name] == sum(customer[name] for customer in everybody.values())
    for number in "1234":
        one = ask(backend, "/stats", **parts(today), customer_id=number).json()
        assert one == {today.isoformat(): {"customer_id": number} | everybody[f"customer_{number}"]}


def test_a_customers_hours_are_named_by_their_start(backend: BackendProcess) -> None:
    post(backend, DOCUMENT)

    hours = ask(backend, "/customerStats", customer_id="1").json()

    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00Z", hour) for hour in hours)
    latest = datetime.fromisoformat(list(hours)[-1])
    assert 0 <= (datetime.now(UTC) - latest).total_seconds() < 3610
    assert all(set(counts) == {"total_requests", "invalid_requests"} for counts in hours.values())


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"day": "13", "month": "3"},
        {"day": "thirteen", "month": "3", "year": "2022"},
        {"day": "13.0", "month": "3", "year": "2022"},
        {"day": "30", "month": "2", "year": "2022"},
        {"day": "13", "month": "13", "year": "2022"},
        {"day": "13", "month": "3", "year": "0"},
        {"day": "13", "month": "3", "year": "99999"},
        LONG_AGO | {"customer_id": "two"},
    ],
)
def test_what_is_no_number_or_no_date_is_refused(backend: BackendProcess, query: dict[str, str]) -> None:
    assert ask(backend, "/stats", **query).status_code == 400


def test_the_hours_of_nobody_are_refused(backend: BackendProcess) -> None:
    assert ask(backend, "/customerStats").status_code == 400
    assert ask(backend, "/customerStats", customer_id="one").status_code == 400
    assert ask(backend, "/customerStats", customer_id="99").status_code == 404


def test_what_was_answered_survives_a_crash(backend: BackendProcess) -> None:
    post(backend, DOCUMENT)
    post(backend, "no JSON")
    before = counted(backend, "1")

    backend.kill()
    backend.start()

    assert counted(backend, "1") == before


def test_a_body_without_a_length_is_read(backend: BackendProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", backend.port, timeout=10)
    half = len(DOCUMENT) // 2
    chunks = [DOCUMENT[:half].encode(), DOCUMENT[half:].encode()]
    connection.request("POST", "/", iter(chunks), {"customer_id": "1"}, encode_chunked=True)

    assert connection.getresponse().status == 200
    connection.close()
