"""What can be asked of the stored measurements."""

from typing import Any

import pytest
from litestar.testing import TestClient

from tests.backend.speaking import document, post, stored

Client = TestClient[Any]


def window(minute: int, **changes: Any) -> dict[str, Any]:
    """A window of two minutes from the given minute on."""
    time = {"start": f"2021-04-12T20:{minute:02}:00.000Z", "end": f"2021-04-12T20:{minute + 2:02}:00.000Z"}
    return document(time=time, **changes)


def minutes(found: list[dict[str, Any]]) -> list[int]:
    return [int(measurement["time"]["start"][14:16]) for measurement in found]


def test_they_come_in_the_order_of_their_start(client: Client) -> None:
    for minute in (20, 24, 22):
        post(client, window(minute))

    assert minutes(stored(client)) == [20, 22, 24]


def test_a_range_includes_its_from_and_excludes_its_to(client: Client) -> None:
    post(client, [window(minute) for minute in (20, 22, 24, 26)])

    found = stored(client, **{"from": "2021-04-12T20:22:00Z", "to": "2021-04-12T22:26:00+02:00"})
    assert minutes(found) == [22, 24]


def test_a_day_alone_is_its_beginning(client: Client) -> None:
    post(client, window(20))

    assert stored(client, to="2021-04-12") == []
    assert len(stored(client, **{"from": "2021-04-12", "to": "2021-04-13"})) == 1


def test_one_device_can_be_asked_for(client: Client) -> None:
    post(client, window(20), **{"X-Device": "kitchen"})
    post(client, window(22), **{"X-Device": "cellar"})

    assert minutes(stored(client, device="cellar")) == [22]
    assert stored(client, device="attic") == []


def test_the_account_of_the_window_comes_back_as_it_was_sent(client: Client) -> None:
    quality = {"due": 1200, "taken": 1199, "missed": {"late": 1}, "bad": {}, "clock": "set"}
    post(client, window(20, quality=quality))

    assert stored(client)[0]["quality"] == quality


def test_a_page_names_the_next_one_until_there_is_none(client: Client) -> None:
    # Equal starts, so that the page cannot go by time alone.
    post(client, [window(20, max=number) for number in (11, 12, 13)] + [window(22, max=14)])
    page = client.get("/api/temperature", params={"limit": 2, "from": "2021-04-12T20:00:00Z"})
    seen = [found["max"] for found in page.json()]

    while "next" in page.links:
        page = client.get(page.links["next"]["url"])
        seen += [found["max"] for found in page.json()]

    assert seen == [11, 12, 13, 14]


def test_a_thousand_come_unless_more_are_asked_for(client: Client) -> None:
    for _ in range(2):
        post(client, [window(20)] * 600)

    assert len(stored(client)) == 1000
    assert len(stored(client, limit=10_000)) == 1200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "1900-01-01"}, "to"),
        ({"from": "2021-04-13", "to": "2021-04-12"}, "to"),
        ({"limit": "0"}, "limit"),
        ({"limit": "10001"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"after": "1"}, "after"),
        ({"after": f"{'9' * 30}-1"}, "after"),
    ],
)
def test_a_parameter_that_cannot_be_is_named(client: Client, query: dict[str, str], name: str) -> None:
    answer = client.get("/api/temperature", params=query)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [name]
