"""Count, min, max and mean by the hours, days, months and years of a place."""

from typing import Any

import pytest

from tests.backend.environment.conftest import User
from tests.backend.environment.speaking import row


def at(time: str, temperature: float = 0.0, **more: Any) -> dict[str, Any]:
    return row(timestamp=time, temperature=temperature, **more)


def summary(least: float, most: float, mean: float) -> dict[str, float]:
    return {"min": least, "max": most, "mean": mean}


def counts(found: dict[str, Any]) -> dict[str, int]:
    return {one["timestamp"]: one["count"] for one in found["data"]}


def test_a_day_has_the_least_the_most_and_the_mean_of_each_field(ada: User) -> None:
    ada.post(
        [
            row(temperature=1, humidity=50, pressure=1000),
            row(temperature=2, humidity=40, pressure=1001),
            row(temperature=6, humidity=30, pressure=1002.5),
        ]
    )

    # (1 + 2 + 6) / 3 = 3, (50 + 40 + 30) / 3 = 40, (1000 + 1001 + 1002.5) / 3 = 1001.1666…
    assert ada.found("/v1/data/aggregate") == {
        "by": "day",
        "tz": "UTC",
        "data": [
            {
                "timestamp": "2022-01-05T00:00:00+00:00",
                "count": 3,
                "temperature": summary(1.0, 6.0, 3.0),
                "humidity": summary(30.0, 50.0, 40.0),
                "pressure": summary(1000.0, 1002.5, 1001.1666666666666),
            }
        ],
    }


def test_a_mean_is_exact_whatever_came_in_between(ada: User) -> None:
    ada.post([at("2022-01-05", value) for value in (1e300, 0.1, -1e300)])

    # 0.1 / 3, where adding floats one after another has 0 left.
    assert ada.found("/v1/data/aggregate")["data"][0]["temperature"]["mean"] == 0.1 / 3


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            "hour",
            {"2021-12-31T23:00:00+00:00": 1, "2022-01-01T00:00:00+00:00": 2, "2022-02-01T00:00:00+00:00": 1},
        ),
        (
            "daily",
            {"2021-12-31T00:00:00+00:00": 1, "2022-01-01T00:00:00+00:00": 2, "2022-02-01T00:00:00+00:00": 1},
        ),
        (
            "month",
            {"2021-12-01T00:00:00+00:00": 1, "2022-01-01T00:00:00+00:00": 2, "2022-02-01T00:00:00+00:00": 1},
        ),
        ("year", {"2021-01-01T00:00:00+00:00": 1, "2022-01-01T00:00:00+00:00": 3}),
    ],
)
def test_a_bucket_begins_with_its_first_instant(ada: User, by: str, expected: dict[str, int]) -> None:
    times = ["2021-12-31T23:59:59.9999999Z", "2022-01-01", "2022-01-01T00:59:59Z", "2022-02-01"]
    ada.post([at(time) for time in times])

    assert counts(ada.found("/v1/data/aggregate", by=by)) == expected


def test_a_local_day_of_a_change_of_clocks_has_23_or_25_hours(ada: User) -> None:
    # A row at each half hour of UTC around both changes in Oslo, in 2022 on March 27 and October 30 at 1 o'clock UTC.
    march = [f"2022-03-{day}T{hour:02}:30:00Z" for day in (26, 27) for hour in range(24)]
    october = [f"2022-10-{day}T{hour:02}:30:00Z" for day in (29, 30) for hour in range(24)]
    ada.post([at(time) for time in march + october])

    # UTC's March 26 begins at 1 in Oslo, and its 27 ends at 2 of the 28; October 29 begins at 2, and 30 ends at 1.
    assert counts(ada.found("/v1/data/aggregate", by="day", tz="Europe/Oslo")) == {
        "2022-03-26T00:00:00+01:00": 23,
        "2022-03-27T00:00:00+01:00": 23,
        "2022-03-28T00:00:00+02:00": 2,
        "2022-10-29T00:00:00+02:00": 22,
        "2022-10-30T00:00:00+02:00": 25,
        "2022-10-31T00:00:00+01:00": 1,
    }


def test_a_zone_may_be_half_an_hour_off(ada: User) -> None:
    ada.post([at("2022-01-05T10:00:00Z"), at("2022-01-05T10:29:00Z"), at("2022-01-05T10:30:00Z")])

    # 10:30 UTC is 16:00 in Kolkata.
    assert counts(ada.found("/v1/data/aggregate", by="hour", tz="Asia/Kolkata")) == {
        "2022-01-05T15:00:00+05:30": 2,
        "2022-01-05T16:00:00+05:30": 1,
    }


def test_a_list_is_tallied_by_sensor_and_time_in_pages(ada: User) -> None:
    ada.post(
        [
            at("2022-01-05T10:00:00Z", 1, sensor_id="b"),
            at("2022-01-06T10:00:00Z", 2, sensor_id="b"),
            at("2022-01-05T12:00:00Z", 4, sensor_id="a"),
            at("2022-01-05T13:00:00Z", 8, sensor_id="a"),
        ]
    )

    found = [ada.found(aggregate="daily", per_page=2, page=page) for page in (1, 2)]

    tallies = [one for page in found for one in page["data"]]
    assert [(one["sensor_id"], one["timestamp"][:10], one["count"]) for one in tallies] == [
        ("a", "2022-01-05", 2),
        ("b", "2022-01-05", 1),
        ("b", "2022-01-06", 1),
    ]
    assert tallies[0]["temperature"] == summary(4.0, 8.0, 6.0)
    assert [page["pagination"]["total"] for page in found] == [3, 3]
    assert counts(ada.found("/v1/data/b", aggregate="monthly")) == {"2022-01-01T00:00:00+00:00": 2}


def test_only_the_rows_asked_for_are_tallied(ada: User) -> None:
    ada.post([at(f"2022-01-{day:02}", day, sensor_id="ab"[day % 2]) for day in range(1, 11)])

    query = {"by": "month", "sensor_id": "a", "start_date": "2022-01-03", "max_temperature": 8}
    (tally,) = ada.found("/v1/data/aggregate", **query)["data"]

    # The days 4, 6 and 8.
    assert (tally["count"], tally["temperature"]) == (3, summary(4.0, 8.0, 6.0))


def test_more_buckets_than_an_answer_holds_are_refused(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampler.backend.environment.tallies.MAX_TALLIES", 2)
    ada.post([at(f"2022-01-{day:02}") for day in (1, 2, 3)])

    answer = ada.get("/v1/data/aggregate", by="day")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["by"])
    assert ada.get("/v1/data/aggregate", by="day", end_date="2022-01-02").status_code == 200


def test_more_rows_than_are_tallied_at_once_are_refused(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampler.backend.environment.tallies.MAX_ROWS", 2)
    ada.post([at(f"2022-01-{day:02}") for day in (1, 2, 3)])

    for answer in (
        ada.get("/v1/data/aggregate"),
        ada.get("/v1/data/", aggregate="daily"),
        ada.get("/v1/analysis/trend", sensor_id="kitchen"),
    ):
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["start_date"])
