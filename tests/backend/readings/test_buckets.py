"""Statistics by the clocks of a place, however the readings are stored; `test_store.py` asks both engines."""

from pathlib import Path
from typing import Any

import pytest

from sampler.backend.store import Store
from tests.backend.readings.keeping_house import at
from tests.backend.readings.speaking import Client, post, reading

HOUR_S = 3600
LATER = 2_000_000_000.0


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'backend.db'}"


def buckets(client: Client, sensor: str, **query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/buckets/{sensor}", params={key.rstrip("_"): value for key, value in query.items()})
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["buckets"]
    return told


def counts(client: Client, sensor: str, **query: str) -> list[tuple[str, int]]:
    return [(bucket["start"], bucket["count"]) for bucket in buckets(client, sensor, **query)]


def post_each(client: Client, *timestamps: str) -> None:
    post(client, *(reading(timestamp=timestamp, value=n) for n, timestamp in enumerate(timestamps, 1)))


@pytest.fixture(params=["arrived", "moved"])
def settled(request: pytest.FixtureRequest, store: Store) -> Any:
    """What happened to the readings before they are asked for: nothing, or the background's work."""
    return (lambda: at(store, LATER).move()) if request.param == "moved" else (lambda: None)


def test_a_bucket_tells_all_there_is_to_tell(client: Client, settled: Any) -> None:
    post_each(client, "2021-11-09T10:00:00Z", "2021-11-09T10:59:59.9999999Z", "2021-11-09T12:00:00Z")
    settled()

    assert buckets(client, "s", by="hour") == [
        {
            "start": "2021-11-09T10:00:00+00:00",
            "end": "2021-11-09T11:00:00+00:00",
            "count": 2,
            "sum": 3.0,
            "min": 1.0,
            "max": 2.0,
            "avg": 1.5,
            "complete": True,
        },
        {
            "start": "2021-11-09T12:00:00+00:00",
            "end": "2021-11-09T13:00:00+00:00",
            "count": 1,
            "sum": 3.0,
            "min": 3.0,
            "max": 3.0,
            "avg": 3.0,
            "complete": True,
        },
    ]


def test_days_are_those_of_the_place(client: Client, settled: Any) -> None:
    # Oslo put its clocks forward on 2022-03-27: that day has 23 hours, from 23:00 UTC to 22:00 UTC.
    post_each(
        client, "2022-03-26T22:59:59Z", "2022-03-26T23:00:00Z", "2022-03-27T21:59:59Z", "2022-03-27T22:00:00Z"
    )
    settled()

    assert counts(client, "s", by="day", tz="Europe/Oslo") == [
        ("2022-03-26T00:00:00+01:00", 1),
        ("2022-03-27T00:00:00+01:00", 2),
        ("2022-03-28T00:00:00+02:00", 1),
    ]
    assert counts(client, "s", by="day") == [
        ("2022-03-26T00:00:00+00:00", 2),
        ("2022-03-27T00:00:00+00:00", 2),
    ]
    assert counts(client, "s", by="month", tz="Europe/Oslo") == [("2022-03-01T00:00:00+01:00", 4)]
    assert counts(client, "s", by="year", tz="Pacific/Auckland") == [("2022-01-01T00:00:00+13:00", 4)]


def test_hours_of_a_zone_of_half_an_hour_cut_ours(client: Client, settled: Any) -> None:
    post_each(
        client, "2022-03-27T10:29:59Z", "2022-03-27T10:30:00Z", "2022-03-27T11:29:59Z", "2022-03-27T11:30:00Z"
    )
    settled()

    assert counts(client, "s", by="hour", tz="Asia/Kolkata") == [
        ("2022-03-27T15:00:00+05:30", 1),
        ("2022-03-27T16:00:00+05:30", 2),
        ("2022-03-27T17:00:00+05:30", 1),
    ]


def test_a_range_cuts_its_first_and_last_bucket(client: Client, settled: Any) -> None:
    post_each(
        client, "2021-11-09T10:00:00Z", "2021-11-09T10:30:00Z", "2021-11-10T10:00:00Z", "2021-11-11T00:00:00Z"
    )
    settled()

    assert counts(client, "s", by="day", from_="2021-11-09T10:00:01Z", to="2021-11-10") == [
        ("2021-11-09T00:00:00+00:00", 1),
        ("2021-11-10T00:00:00+00:00", 1),
    ]
    assert counts(client, "s", by="day", from_="2021-11-10", to="2021-11-11T00:00:00Z") == [
        ("2021-11-10T00:00:00+00:00", 1),
        ("2021-11-11T00:00:00+00:00", 1),
    ]
    # Days are the place's: the tenth of Oslo ends at 23:00 UTC.
    assert counts(client, "s", by="day", from_="2021-11-11", tz="Europe/Oslo") == [
        ("2021-11-11T00:00:00+01:00", 1)
    ]
    assert counts(client, "s", by="day", from_="2022-01-01") == []


def test_what_is_cleared_is_still_counted_and_what_is_deleted_is_not(client: Client, settled: Any) -> None:
    post_each(client, "2021-11-09T10:00:00Z")
    client.delete("/statistics/s")
    post_each(client, "2021-11-09T10:00:00Z")
    settled()
    assert counts(client, "s", by="year") == [("2021-01-01T00:00:00+00:00", 2)]

    client.delete("/statistics/s?readings=true")
    assert counts(client, "s", by="year") == []
    post_each(client, "2021-11-09T10:00:00Z")
    assert counts(client, "s", by="year") == [("2021-01-01T00:00:00+00:00", 1)]


def test_hourly_statistics_outlive_the_readings_where_no_edge_cuts_them(client: Client, store: Store) -> None:
    post_each(client, "1970-01-01T00:10:00Z", "1970-01-01T00:50:00Z", "1970-01-01T01:10:00Z")
    at(store, LATER).move()
    at(store, 2 * HOUR_S, {"": HOUR_S}).expire()  # the first hour's

    assert client.get("/data?from=1970-01-01&to=1970-01-01").json() == [
        {"time": "1970-01-01T01:10:00.000Z", "name": "s", "value": 3.0}
    ]
    [hour, _] = buckets(client, "s", by="hour")
    assert (hour["count"], hour["avg"], hour["complete"]) == (2, 1.5, True)

    cut = buckets(client, "s", by="hour", tz="Asia/Kolkata")
    assert [(bucket["count"], bucket["complete"]) for bucket in cut] == [(0, False), (1, False)]
    assert (cut[0]["min"], cut[0]["max"], cut[0]["avg"]) == (None, None, 0.0)


def test_more_buckets_than_anybody_can_use_are_refused(client: Client) -> None:
    post_each(client, "1970-01-01T00:00:00Z", "2199-12-31T00:00:00Z")

    answer = client.get("/buckets/s?by=hour")

    words = "It makes more than 10000 buckets: ask for longer ones, or for less time."
    assert (answer.status_code, answer.json()["errors"]) == (400, {"by": [words]})
    assert len(buckets(client, "s", by="year")) == 2
    assert len(buckets(client, "s", by="hour", to="1970-12-31")) == 1


def test_nobody_has_no_buckets(client: Client) -> None:
    assert buckets(client, "nobody", by="day") == []


def test_names_with_slashes_have_buckets_too(client: Client) -> None:
    post(client, reading(sensor="a/buckets"))

    assert [bucket["count"] for bucket in buckets(client, "a%2Fbuckets", by="day")] == [1]


def test_a_day_that_the_clocks_skip_has_none(client: Client) -> None:
    # Samoa went from 29 to 31 December 2011.
    post_each(client, "2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00")
    apia = {"by": "day", "tz": "Pacific/Apia"}

    assert buckets(client, "s", **apia, from_="2011-12-30", to="2011-12-30") == []
    assert len(buckets(client, "s", **apia, from_="2011-12-29", to="2011-12-31")) == 2
