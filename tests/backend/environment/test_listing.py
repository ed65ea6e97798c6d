"""What is listed, in which order, on which page."""

from typing import Any

import pytest

from tests.backend.environment.conftest import User
from tests.backend.environment.speaking import row, rows


def names(found: dict[str, Any]) -> list[str]:
    return [one["sensor_id"] for one in found["data"]]


def test_pages_follow_each_other_and_say_where_they_are(ada: User) -> None:
    ada.post(rows(7))

    pages = [ada.found(per_page=3, page=page) for page in (1, 2, 3, 4)]

    # Seven rows, three on a page: 3, 3, 1, and nothing beyond.
    assert [len(page["data"]) for page in pages] == [3, 3, 1, 0]
    assert [page["pagination"] for page in pages] == [
        {"total": 7, "pages": 3, "current_page": 1, "next_page": 2, "prev_page": None, "per_page": 3},
        {"total": 7, "pages": 3, "current_page": 2, "next_page": 3, "prev_page": 1, "per_page": 3},
        {"total": 7, "pages": 3, "current_page": 3, "next_page": None, "prev_page": 2, "per_page": 3},
        {"total": 7, "pages": 3, "current_page": 4, "next_page": None, "prev_page": 3, "per_page": 3},
    ]


def test_of_nothing_there_is_no_page(ada: User) -> None:
    assert ada.found() == {
        "data": [],
        "pagination": {
            "total": 0,
            "pages": 0,
            "current_page": 1,
            "next_page": None,
            "prev_page": None,
            "per_page": 100,
        },
    }


def test_the_oldest_row_is_first_and_of_those_of_one_time_the_first_that_came(ada: User) -> None:
    times = {"b": "2022-01-02", "a": "2022-01-02", "c": "2022-01-01"}
    ada.post([row(sensor_id=name, timestamp=time) for name, time in times.items()])

    assert names(ada.found()) == ["c", "b", "a"]
    assert [names(ada.found(per_page=1, page=page)) for page in (1, 2, 3)] == [["c"], ["b"], ["a"]]


def test_users_see_their_own_rows_only(ada: User, eva: User) -> None:
    ada.post([row()])
    eva.post([row(temperature=1.0), row(temperature=2.0)])

    for path in ("/v1/data/", "/v1/data/kitchen"):
        assert [one["temperature"] for one in ada.found(path)["data"]] == [21.5]
        assert [one["temperature"] for one in eva.found(path)["data"]] == [1.0, 2.0]
    assert ada.found("/v1/data/aggregate")["data"][0]["count"] == 1


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kitchen", "/v1/data/kitchen"),
        ("kitchen", "/v1/data/kitchen/"),
        ("17", "/v1/data/17"),
        ("a/b", "/v1/data/a%2Fb"),
        ("a/b", "/v1/data/a/b/"),
        ("Küche 1", "/v1/data/K%C3%BCche%201"),
        ("100%", "/v1/data/100%25"),
        ("' OR 1=1 --", "/v1/data/'%20OR%201=1%20--"),
    ],
)
def test_a_sensor_has_its_own_address(ada: User, name: str, path: str) -> None:
    ada.post([row(sensor_id=name), row(sensor_id="another")])

    assert names(ada.found(path)) == names(ada.found(sensor_id=name)) == [name]


def test_a_sensor_called_aggregate_is_found_by_the_query(ada: User) -> None:
    ada.post([row(sensor_id="aggregate"), row()])

    assert names(ada.found(sensor_id="aggregate")) == ["aggregate"]
    assert "by" in ada.found("/v1/data/aggregate")


def test_the_sensor_of_the_path_counts_before_that_of_the_query(ada: User) -> None:
    ada.post([row(), row(sensor_id="cellar")])

    assert names(ada.found("/v1/data/cellar", sensor_id="kitchen")) == ["cellar"]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"start_date": "2022-01-31"}, ["2022-01-31", "2022-02-01", "2023-01-01"]),
        ({"end_date": "2022-01-31"}, ["2021-12-31", "2022-01-01", "2022-01-31"]),
        ({"start_date": "2022-01", "end_date": "2022-01"}, ["2022-01-01", "2022-01-31"]),
        ({"start_time": "2022", "end_time": "2022"}, ["2022-01-01", "2022-01-31", "2022-02-01"]),
        (
            {"start_date": "2022-01-01T12:00:00Z", "end_time": "2022-01-31T12:00:00Z"},
            ["2022-01-01", "2022-01-31"],
        ),
        ({"start_date": "2022-01-01T12:00:00.0000001Z", "end_date": "2022-01"}, ["2022-01-31"]),
        ({"start_date": "2022-01-01", "end_date": "2022-01-31T11:59:59.9999999Z"}, ["2022-01-01"]),
        (
            {"start_date": "2022-01-01T14:00:00+02:00", "end_date": "2022-01-01T13:00:00+01:00"},
            ["2022-01-01"],
        ),
        # In Auckland, 13 hours ahead, noon UTC of the last of January is 1 in the morning of the first of February.
        (
            {"start_date": "2022-02", "end_date": "2022-02", "tz": "Pacific/Auckland"},
            ["2022-01-31", "2022-02-01"],
        ),
        (
            {"start_date": "2022-01-02T01:00", "end_date": "2022-01-02T01:00", "tz": "Pacific/Auckland"},
            ["2022-01-01"],
        ),
    ],
)
def test_a_partial_date_is_all_of_its_time(ada: User, query: dict[str, str], days: list[str]) -> None:
    every = ["2021-12-31", "2022-01-01", "2022-01-31", "2022-02-01", "2023-01-01"]
    ada.post([row(timestamp=f"{day}T12:00:00.000Z") for day in every])

    assert [one["timestamp"][:10] for one in ada.found(**query)["data"]] == days


def test_the_bounds_belong_to_the_range_and_zero_is_one(ada: User) -> None:
    ada.post([row(temperature=value) for value in (-0.1, 0, 0.1, 5)])

    def temperatures(**query: Any) -> list[float]:
        return [one["temperature"] for one in ada.found(**query)["data"]]

    assert temperatures(min_temperature=0) == [0.0, 0.1, 5.0]
    assert temperatures(max_temperature=0) == [-0.1, 0.0]
    assert temperatures(min_temperature=0, max_temperature="0.1") == [0.0, 0.1]
    assert temperatures(min_temperature=0, max_pressure=0) == []


def test_an_offset_may_be_written_with_its_plus(ada: User) -> None:
    ada.post([row(timestamp="2022-01-05T09:59:59Z"), row(timestamp="2022-01-05T10:00:00Z")])

    found = ada.client.get("/v1/data/?start_date=2022-01-05T11:00:00+01:00", headers=ada.headers)

    assert [one["timestamp"] for one in found.json()["data"]] == ["2022-01-05T10:00:00.000Z"]
