"""What is asked about the counts: a day, an hour each, and what is no question."""

import datetime
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from sampler.backend import instants
from sampler.backend.store import Store
from sampler.backend.store import customers as table
from sampler.backend.store.customers import Total
from sampler.backend.store.sqlite import SqliteStore

Client = TestClient[Any]
DAY = {"day": "13", "month": "3", "year": "2022"}


@pytest.fixture(autouse=True)
def _counts(store: Store) -> None:
    """Five requests of customer 1 on 13 March 2022, one of them invalid, and one on each day beside it."""
    count(store, 1, "2022-03-12T23:59:59.999Z")
    count(store, 1, "2022-03-13T00:00:00Z")
    count(store, 1, "2022-03-13T20:10:00Z", valid=False)
    for _ in range(3):
        count(store, 1, "2022-03-13T20:59:59Z")
    count(store, 1, "2022-03-14T00:00:00Z")
    count(store, 2, "2022-03-13T23:59:59Z")


def count(store: Store, customer: int, instant: str, *, valid: bool = True) -> None:
    with store.writing() as session:
        table.count(session, customer, instants.parse(instant), valid=valid)


def totals(requests: int, invalid: int) -> dict[str, int]:
    return {"total_requests": requests, "invalid_requests": invalid}


@pytest.mark.usefixtures("database_url")
def test_a_day_has_every_customer_and_their_sum(client: Client) -> None:
    answer = client.get("/stats", params=DAY)

    assert answer.status_code == 200
    assert answer.json() == {
        "customer_1": totals(5, 1),
        "customer_2": totals(1, 0),
        "customer_3": totals(0, 0),
        "customer_4": totals(0, 0),
        "total_number": totals(6, 1),
    }
    assert list(answer.json())[-1] == "total_number"


@pytest.mark.usefixtures("database_url")
def test_a_day_of_one_customer_is_named_by_its_date(client: Client) -> None:
    answer = client.get("/stats", params=DAY | {"customer_id": "1"})

    assert answer.json() == {"2022-03-13": {"customer_id": "1"} | totals(5, 1)}


def test_a_day_with_nothing_is_zeros(client: Client) -> None:
    nothing = DAY | {"day": "15"}

    assert client.get("/stats", params=nothing).json() == {
        "customer_1": totals(0, 0),
        "customer_2": totals(0, 0),
        "customer_3": totals(0, 0),
        "customer_4": totals(0, 0),
        "total_number": totals(0, 0),
    }
    assert client.get("/stats", params=nothing | {"customer_id": "2"}).json() == {
        "2022-03-15": {"customer_id": "2"} | totals(0, 0)
    }


def test_without_customers_there_is_a_sum_of_nothing(client: Client, store: Store) -> None:
    with store.writing() as session:
        session.run("DELETE FROM customers")

    assert client.get("/stats", params=DAY).json() == {"total_number": totals(0, 0)}


@pytest.mark.usefixtures("database_url")
def test_a_customer_has_an_hour_each_in_which_there_were_requests(client: Client) -> None:
    answer = client.get("/customerStats?customer_id=1")

    assert answer.json() == {
        "2022-03-12T23:00:00Z": totals(1, 0),
        "2022-03-13T00:00:00Z": totals(1, 0),
        "2022-03-13T20:00:00Z": totals(4, 1),
        "2022-03-14T00:00:00Z": totals(1, 0),
    }
    assert list(answer.json()) == sorted(answer.json())


def test_a_customer_without_requests_has_no_hours(client: Client) -> None:
    assert client.get("/customerStats?customer_id=4").json() == {}


def test_an_unknown_customer_is_answered_404(client: Client) -> None:
    for customer in ("9", "-1", "9" * 30):
        for path in (
            f"/stats?day=13&month=3&year=2022&customer_id={customer}",
            f"/customerStats?customer_id={customer}",
        ):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such customer.")


def test_leading_zeros_do_not_matter(client: Client) -> None:
    padded = client.get("/stats", params={"day": "013", "month": "03", "year": "02022", "customer_id": "01"})

    assert padded.json() == {"2022-03-13": {"customer_id": "1"} | totals(5, 1)}


def test_every_date_that_there_is_may_be_asked_for(client: Client) -> None:
    for year in (1, 1969, 2024, 9999):
        answer = client.get("/stats", params={"day": 28, "month": 2, "year": year, "customer_id": 1})
        assert answer.json() == {f"{year:04}-02-28": {"customer_id": "1"} | totals(0, 0)}


def test_dates_that_are_none_are_refused(client: Client) -> None:
    none = ["30-2-2022", "29-2-2022", "31-4-2022", "0-1-2022", "1-0-2022", "1-13-2022", "1-1-0", "1-1-10000"]
    for date in [*none, f"1-1-{'9' * 100}", f"{'9' * 100}-1-2022"]:
        answer = client.get(
            "/stats", params=dict(zip(("day", "month", "year"), date.split("-"), strict=True))
        )
        assert (answer.status_code, answer.json()["errors"]) == (400, {"day": ["There is no such date."]})


def test_what_is_no_number_is_refused(client: Client) -> None:
    for value in ("", "x", "1.0", " 1", "1e1", "0x1", "\u0661", "1\n", "1,2", "9" * 101):
        for name in ("day", "month", "year", "customer_id"):
            answer = client.get("/stats", params=DAY | {name: value})
            assert answer.status_code == 400
            assert answer.json()["errors"] == {name: [f"The {name} must be given once, as an integer."]}


def test_what_is_missing_or_comes_twice_is_refused(client: Client) -> None:
    asked = [
        "/stats",
        "/stats?day=1&month=1",
        "/stats?day=1&day=2&month=1&year=2022",
        "/stats?day=1&month=1&year=2022&customer_id=1&customer_id=2",
        "/customerStats",
        "/customerStats?customer_id=",
        "/customerStats?customer_id=1&customer_id=1",
    ]
    assert [client.get(path).status_code for path in asked] == [400] * len(asked)


COUNTED = st.tuples(
    st.integers(1, 3),
    st.datetimes(datetime.datetime(2022, 3, 12), datetime.datetime(2022, 3, 15)),
    st.booleans(),
)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(COUNTED, max_size=20), max_size=3))
def test_the_counts_of_a_day_add_up(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[tuple[int, datetime.datetime, bool]]]
) -> None:
    start = instants.parse("2022-03-13")
    of_the_day = [(c, valid) for commit in commits for c, at, valid in commit if at.day == 13]
    folder: Path = tmp_path_factory.mktemp("counts")
    with closing(SqliteStore(folder / "backend.db")) as store:
        for commit in commits:
            with store.writing() as session:
                for customer, at, valid in commit:
                    table.count(session, customer, instants.parse(f"{at.isoformat()}Z"), valid=valid)
        with store.writing() as session:
            for number in (1, 2, 3):
                table.add(session, table.Customer(number, "somebody", active=True))
        with store.reading() as session:
            found = table.totals(session, start, start + 24 * 3600 * instants.TICKS_PER_SECOND)

    assert found == {
        number: Total(
            requests=sum(customer == number for customer, _ in of_the_day),
            invalid=sum(customer == number and not valid for customer, valid in of_the_day),
        )
        for number in (1, 2, 3)
    }
