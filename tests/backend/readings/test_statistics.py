"""A sensor's statistics over HTTP, on both engines."""

import pytest

from tests.backend.conftest import Serve
from tests.backend.readings.speaking import Client, listed, post, post_lines, reading, statistics

pytestmark = pytest.mark.usefixtures("database_url")
NOTHING = (None, 0, 0.0)


def test_of_two_readings_at_the_same_time_the_last_that_came_tells_the_offset(client: Client) -> None:
    post(
        client,
        reading(timestamp="2021-11-09T12:00:00+02:00"),
        reading(timestamp="2021-11-09T11:00:00+01:00"),
    )
    assert statistics(client, "s")[0] == "2021-11-09T11:00:00+01:00"

    post(client, reading(timestamp="2021-11-09T10:00:00Z"))
    assert statistics(client, "s")[0] == "2021-11-09T10:00:00+00:00"

    post(client, reading(timestamp="2021-11-09T09:59:59Z"))
    assert statistics(client, "s")[0] == "2021-11-09T10:00:00+00:00"


def test_the_sum_does_not_drift(client: Client) -> None:
    post(client, reading(value=1e16), *(reading(value=1) for _ in range(10)), reading(value=-1e16))

    assert statistics(client, "s")[1:] == (12, 10 / 12)  # in floats, 1e16 + 1 is 1e16


def test_the_largest_of_values_have_an_average(client: Client) -> None:
    post(client, *(reading(value=1.7e308) for _ in range(10)))

    assert statistics(client, "s")[1:] == (10, 1.7e308)


def test_a_reading_is_counted_whenever_it_comes(client: Client) -> None:
    for year, value in ((2199, 1), (1970, 2), (2021, 6)):
        post(client, reading(timestamp=f"{year}-01-01T00:00:00Z", value=value))

    assert statistics(client, "s") == ("2199-01-01T00:00:00+00:00", 3, 3.0)


def test_names_differ_in_every_character(client: Client) -> None:
    for name in ("s", "S", "s ", "\u00e9", "e\u0301"):
        post(client, reading(sensor=name))

    assert len(client.get("/sensors").json()) == 5


def test_sensors_are_listed_by_name_in_pages(client: Client) -> None:
    names = ["Z", "a", "b/c", "é"]  # as their code points are ordered
    post(client, *(reading(sensor=name) for name in reversed(names)))

    page = client.get("/sensors", params={"limit": 3})
    assert [sensor["name"] for sensor in page.json()] == names[:3]
    rest = client.get(page.links["next"]["url"])
    assert [sensor["name"] for sensor in rest.json()] == names[3:]
    assert "Link" not in rest.headers
    assert rest.json() == [
        {"name": "é", "last_measurement": "2021-11-09T21:38:09+00:00", "count": 1, "avg": 1.0}
    ]


def test_posted_times_without_an_offset_are_the_zones(serve: Serve) -> None:
    client = serve(zone="Europe/Oslo")
    post(client, reading(timestamp="2021-07-01T12:00:00"))

    assert statistics(client, "s")[0] == "2021-07-01T12:00:00+02:00"
    assert [time for time, *_ in listed(client, "2021-07-01", "2021-07-01")] == ["2021-07-01T10:00:00.000Z"]
    assert listed(client, "2021-07-01T10:00:00", "2021-07-01T11:59:59") == []


@pytest.mark.parametrize("path", ["/statistics/a%2Fb", "/statistics/a/b", "/statistics/a/b/"])
def test_a_slash_is_part_of_a_name(client: Client, path: str) -> None:
    post(client, reading(sensor="a/b"))

    assert client.get(path).json()["count"] == 1


@pytest.mark.parametrize("place", ["//statistics/", "/%73tatistics/", "/statistics%2F", "/%2f/statistics/"])
@pytest.mark.parametrize(("written", "name"), [("s", "s"), ("/a%2Fb//c%2F/", "/a/b//c/")])
def test_a_name_is_found_behind_each_spelling_of_its_place(
    client: Client, place: str, written: str, name: str
) -> None:
    post(client, reading(sensor=name))
    url = f"{client.base_url}{place}{written}"  # whole: httpx takes what is behind two slashes for a host

    assert client.get(url).json()["count"] == 1
    assert client.delete(url).status_code == 204
    assert client.get(url).json()["count"] == 0


def test_buckets_are_found_behind_a_doubled_slash(client: Client) -> None:
    post(client, reading())

    found = client.get(f"{client.base_url}//buckets/s", params={"by": "day"}).json()

    assert (found["sensor"], len(found["buckets"])) == ("s", 1)


def test_a_cleared_sensor_keeps_its_readings_until_they_are_deleted(client: Client) -> None:
    post(client, reading(value=1))
    assert client.delete("/statistics/s?readings=false").status_code == 204
    post(client, reading(value=5))

    assert statistics(client, "s")[1:] == (1, 5.0)
    assert len(listed(client, "2021-11-09", "2021-11-09")) == 2

    assert client.delete("/statistics/s?readings=true").status_code == 204
    assert statistics(client, "s") == NOTHING
    assert listed(client, "2021-11-09", "2021-11-09") == []

    post(client, reading(value=7))
    assert [value for *_, value in listed(client, "2021-11-09", "2021-11-09")] == [7.0]


def test_who_is_not_there_can_be_cleared(client: Client) -> None:
    assert client.delete("/statistics/nobody").status_code == 204
    assert client.get("/sensors").json() == []


@pytest.mark.parametrize(("readings", "left"), [("True", 0), ("TRUE", 0), ("1", 0), ("False", 1), ("0", 1)])
def test_yes_and_no_may_be_written_as_other_languages_do(client: Client, readings: str, left: int) -> None:
    post(client, reading())

    assert client.delete(f"/statistics/s?readings={readings}").status_code == 204
    assert statistics(client, "s") == NOTHING
    assert len(listed(client, "2021-11-09", "2021-11-09")) == left


@pytest.mark.parametrize("readings", ["yes", "", "2", "01", "true,"])
def test_nothing_is_deleted_upon_a_word_that_is_none(client: Client, readings: str) -> None:
    post(client, reading())

    answer = client.delete(f"/statistics/s?readings={readings}")

    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        {"readings": ["It must be one of true, false, 1, 0."]},
    )
    assert statistics(client, "s")[1] == 1


def test_a_key_is_good_for_one_request(client: Client) -> None:
    first = post(client, reading(), **{"Idempotency-Key": "k"})
    again = post(client, reading(), **{"Idempotency-Key": "k"})
    other = post(client, reading(value=2), **{"Idempotency-Key": "k"})
    lines = post_lines(client, "1 s 1\n", **{"Idempotency-Key": "k"})

    assert (first.status_code, first.text) == (again.status_code, again.text) == (200, '{"accepted":1}')
    assert (other.status_code, lines.status_code) == (422, 422)
    assert statistics(client, "s")[1] == 1


def test_a_malformed_request_uses_no_key_up(client: Client) -> None:
    assert post_lines(client, "1 s", **{"Idempotency-Key": "k"}).status_code == 400
    assert post_lines(client, "1 s 1", **{"Idempotency-Key": "k"}).status_code == 200


def test_another_order_of_names_is_the_same_reading(client: Client) -> None:
    body = '[ {"value": 1e0, "x": {"sensor": [null]}, "timestamp": "2021-11-09", "sensor": "s"} ]\n'
    answer = client.post("/data", content=body, headers={"Content-Type": "application/json; charset=utf-8"})

    assert answer.json() == {"accepted": 1}
