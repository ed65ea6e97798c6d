"""Customers' requests over HTTP: the eight reasons, what is counted, and what a repetition gets."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend import instants
from sampler.backend.store import Store
from tests.backend.conftest import Serve
from tests.backend.customers.speaking import counted, document, post

Client = TestClient[Any]
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def test_a_valid_request_is_answered_200_and_counted(client: Client) -> None:
    answer = post(client)

    assert (answer.status_code, answer.json()) == (200, {"valid": True})
    assert counted(client) == {"1": (1, 0)}


OTHER = document(customerID=2)
INACTIVE = document(customerID=3)
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"customer": None}, 401, "no-customer"),
    ({"customer": "one"}, 401, "no-customer"),
    ({"customer": "9"}, 404, "unknown-customer"),
    ({"customer": "9" * 100}, 404, "unknown-customer"),
    ({"customer": "-1"}, 404, "unknown-customer"),
    ({"body": b"{"}, 400, "broken-body"),
    ({"body": document(tagID=...)}, 400, "broken-body"),
    ({"body": OTHER}, 403, "other-customer"),
    ({"body": INACTIVE, "customer": "3"}, 403, "inactive-customer"),
    ({"body": document(remoteIP="somewhere")}, 400, "no-address"),
    ({"body": document(remoteIP="127.0.0.1")}, 403, "blacklisted-address"),
    ({"body": document(remoteIP="::ffff:127.0.0.1")}, 403, "blacklisted-address"),
    ({"User-Agent": "Googlebot-News"}, 403, "blacklisted-agent"),
    ({"User-Agent": "googlebot"}, 403, "blacklisted-agent"),
    ({"User-Agent": GOOGLEBOT}, 403, "blacklisted-agent"),
]


@pytest.mark.usefixtures("database_url")
def test_each_refusal_tells_its_reason_and_counts_for_whom_it_should(client: Client) -> None:
    answers = [post(client, **sent) for sent, _, _ in REFUSED]

    told = [(answer.status_code, answer.json()["reason"]) for answer in answers]
    assert told == [(status, reason) for _, status, reason in REFUSED]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
    # The first five count for nobody, one for customer 3, the other nine for customer 1.
    assert counted(client) == {"1": (9, 9), "3": (1, 1)}


@pytest.mark.usefixtures("database_url")
def test_an_agent_that_only_looks_like_a_listed_one_is_taken(client: Client) -> None:
    for agent in ("Googlebot-Image/1.0", "NotGooglebot", "bot", ""):
        assert post(client, **{"User-Agent": agent}).status_code == 200


def test_a_broken_body_s_faults_are_named(client: Client) -> None:
    answer = post(client, document(tagID="2", userID=...))

    assert answer.json()["errors"] == {
        "tagID": ["The tagID field must be an integer of 64 bits."],
        "userID": ["The userID field is required."],
    }


def test_a_refusal_can_be_found_among_the_receipts_of_its_customer(client: Client) -> None:
    answer = post(client, document(remoteIP="0.0.0.0"))

    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    (receipt,) = client.get("/receipts", params={"who": "customer 1"}).json()
    assert receipt["request_id"] == answer.headers["X-Request-Id"]
    assert receipt["status"] == 403
    assert "blacklisted" in receipt["reason"]
    assert receipt["body"].startswith('{"customerID": 1, ')


def test_a_401_names_the_header_that_it_wants(client: Client) -> None:
    assert post(client, customer=None).headers["WWW-Authenticate"] == 'Customer header="customer_id"'


def test_every_spelling_of_the_header_is_understood(client: Client) -> None:
    for header in ("customer_id", "customer-id", "x-customer-id", "Customer_ID"):
        assert post(client, customer=None, **{header: "1"}).status_code == 200


def test_two_customers_in_the_headers_are_none(client: Client) -> None:
    assert post(client, customer="1", **{"x-customer-id": "2"}).json()["reason"] == "no-customer"
    assert counted(client) == {}


def test_the_content_type_is_not_looked_at(client: Client) -> None:
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "nonsense",
    ):
        assert post(client, **{"Content-Type": media_type}).status_code == 200


def test_a_body_over_the_limit_counts_as_invalid_for_the_customer_named(store: Store, serve: Serve) -> None:
    client = serve(max_body_bytes=1000)
    large = document() + b" " * 1000

    answer = post(client, large)

    assert (answer.status_code, answer.json()["reason"]) == (413, "too-large")
    assert post(client, large, customer=None).status_code == 401
    assert post(client, large, customer="9").status_code == 404
    assert counted(client) == {"1": (1, 1)}


def test_what_a_customer_is_refused_while_inactive_it_is_not_afterwards(client: Client, store: Store) -> None:
    body = document(customerID=3)
    assert post(client, body, customer="3").status_code == 403

    with store.writing() as session:
        session.run("UPDATE customers SET active = 1 WHERE number = 3")

    assert post(client, body, customer="3").status_code == 200
    assert counted(client) == {"3": (2, 1)}


@pytest.mark.usefixtures("database_url")
def test_a_repetition_under_its_key_gets_the_first_answer_and_is_not_counted_again(client: Client) -> None:
    for body, key in [(None, "valid"), (b"{", "broken"), (document(remoteIP="0.0.0.0"), "listed")]:
        first = post(client, body, **{"Idempotency-Key": key})
        again = post(client, body, **{"Idempotency-Key": key})

        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["Content-Type"] == first.headers["Content-Type"]

    assert counted(client) == {"1": (3, 2)}


def test_a_key_with_another_body_is_refused_and_not_counted(client: Client) -> None:
    post(client, **{"Idempotency-Key": "k"})

    assert post(client, document(tagID=3), **{"Idempotency-Key": "k"}).status_code == 422
    assert counted(client) == {"1": (1, 0)}


def test_a_key_is_a_customer_s_own(client: Client) -> None:
    post(client, document(customerID=1), customer="1", **{"Idempotency-Key": "k"})

    assert post(client, document(customerID=2), customer="2", **{"Idempotency-Key": "k"}).status_code == 200
    assert counted(client) == {"1": (1, 0), "2": (1, 0)}


def test_a_key_that_is_none_is_refused_before_anything_is_counted(client: Client) -> None:
    assert post(client, **{"Idempotency-Key": "k" * 201}).status_code == 400
    assert counted(client) == {}


def test_what_counted_for_nobody_is_judged_anew_when_it_is_repeated(client: Client, store: Store) -> None:
    key = {"Idempotency-Key": "k"}
    assert post(client, document(customerID=9), customer="9", **key).status_code == 404

    with store.writing() as session:
        session.run("INSERT INTO customers VALUES (9, 'New', 1)")

    assert post(client, document(customerID=9), customer="9", **key).status_code == 200


def test_requests_count_in_the_hour_in_which_they_arrive(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for instant in ("2022-03-13T19:59:59.999Z", "2022-03-13T20:00:00Z", "2022-03-13T23:59:59.999Z"):
        monkeypatch.setattr(instants, "now", lambda instant=instant: instants.parse(instant))
        post(client)

    one = {"total_requests": 1, "invalid_requests": 0}
    assert client.get("/customerStats?customer_id=1").json() == {
        "2022-03-13T19:00:00Z": one,
        "2022-03-13T20:00:00Z": one,
        "2022-03-13T23:00:00Z": one,
    }


@pytest.mark.usefixtures("database_url")
def test_two_hundred_at_once_are_counted_exactly(client: Client) -> None:
    bodies = [document(customerID=1 + i % 2, tagID="x" if i % 5 == 0 else i) for i in range(200)]

    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda i: post(client, bodies[i], customer=str(1 + i % 2)).status_code, range(200))
        )

    # Of each hundred, every fifth is broken: 20 even and 20 odd numbers of 0 to 199.
    assert (answers.count(200), answers.count(400)) == (160, 40)
    assert counted(client) == {"1": (100, 20), "2": (100, 20)}
