"""The list of a range, and the power of its days; `test_store.py` asks both engines for ranges."""

import random
from pathlib import Path

import pytest

from sampler.backend.readings import listing
from sampler.backend.store import Store
from sampler.backend.store.readings import ranges
from tests.backend.readings.keeping_house import at
from tests.backend.readings.speaking import Client, listed, post_lines

LATER = 2_000_000_000.0
FIRST = 1_640_995_200  # 2022-01-01
DAY = 86_400


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'backend.db'}"


def test_readings_are_by_time_and_at_one_time_by_name(client: Client) -> None:
    post_lines(client, f"{FIRST + 1} b 1\n{FIRST + 1} a 2\n{FIRST} c 3\n{FIRST + 1} a 4")

    assert listed(client, "2022-01-01", "2022-01-01") == [
        ("2022-01-01T00:00:00.000Z", "c", 3.0),
        ("2022-01-01T00:00:01.000Z", "a", 2.0),
        ("2022-01-01T00:00:01.000Z", "a", 4.0),
        ("2022-01-01T00:00:01.000Z", "b", 1.0),
    ]


def test_times_have_as_many_digits_as_they_need(client: Client) -> None:
    post_lines(client, f"{FIRST}.5 a 1\n{FIRST}.5000001 a 2\n{FIRST}.000000999 a 3")

    assert [time for time, *_ in listed(client, "2022-01-01", "2022-01-01")] == [
        "2022-01-01T00:00:00.0000009Z",
        "2022-01-01T00:00:00.500Z",
        "2022-01-01T00:00:00.5000001Z",
    ]


def test_a_list_in_many_slices_and_chunks_is_the_same_list(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(3)
    moments = [FIRST + chance.randrange(4 * 3600) for _ in range(400)]
    expected = sorted((moment, f"n{n % 3}", float(n)) for n, moment in enumerate(moments))
    for part in range(0, 400, 50):
        lines = (f"{moment} n{n % 3} {n}" for n, moment in enumerate(moments) if part <= n < part + 50)
        post_lines(client, "\n".join(lines))
        if part < 300:
            at(store, LATER).move()
    whole = listed(client, "2022-01-01", "2022-01-02")

    monkeypatch.setattr(ranges, "ENOUGH", 10)
    monkeypatch.setattr(listing, "_AT_ONCE", 7)

    assert listed(client, "2022-01-01", "2022-01-02") == whole
    assert sorted(value for *_, value in whole) == sorted(value for *_, value in expected)
    assert [name for _, name, _ in whole] == [name for _, name, _ in expected]


def test_an_empty_range_is_an_empty_list(client: Client) -> None:
    assert listed(client, "1970-01-01", "2199-12-31") == []
    assert listed(client, "1970-01-01", "2199-12-31", name="nobody") == []


def test_a_plus_may_be_written_as_it_is(client: Client) -> None:
    post_lines(client, f"{FIRST} a 1")

    answer = client.get("/data?from=2022-01-01T01:00:00+01:00&to=2022-01-01T02:00:00.000+02:00")

    assert len(answer.json()) == 1


def test_power_stands_at_midnight_behind_the_readings_of_that_instant(client: Client) -> None:
    post_lines(
        client,
        f"{FIRST - 1} z 1\n{FIRST} z 2\n{FIRST} Current 2\n{FIRST + 1} a 3\n{FIRST + DAY - 1} Voltage 4",
    )

    assert [name for _, name, _ in listed(client, "2021-12-31", "2022-01-01")] == [
        "z",
        "Current",
        "z",
        "Power",
        "a",
        "Voltage",
    ]


def test_power_may_be_asked_for_alone_or_not_at_all(client: Client) -> None:
    post_lines(client, f"{FIRST} Current 2\n{FIRST + 5} Voltage 4\n{FIRST + 7} Power 1")

    assert listed(client, "2022-01-01", "2022-01-01", name="Power") == [
        ("2022-01-01T00:00:00.000Z", "Power", 8.0),
        ("2022-01-01T00:00:07.000Z", "Power", 1.0),
    ]
    assert [name for _, name, _ in listed(client, "2022-01-01", "2022-01-01", name="Current")] == ["Current"]


def test_days_with_one_of_the_two_have_no_power(client: Client) -> None:
    first, second, third = FIRST, FIRST + DAY + 1, FIRST + 2 * DAY
    post_lines(
        client,
        f"{first} Current 2\n{first} Voltage 2\n{second} Voltage 4\n{third} Current 3\n{third} Voltage 3",
    )

    assert listed(client, "2022-01-01", "2022-01-03", name="Power") == [
        ("2022-01-01T00:00:00.000Z", "Power", 4.0),
        ("2022-01-03T00:00:00.000Z", "Power", 9.0),
    ]
    assert listed(client, "2022-01-02", "2022-01-02", name="Power") == []


def test_a_product_that_no_float_holds_is_the_largest(client: Client) -> None:
    post_lines(client, f"{FIRST} Current 1e300\n{FIRST} Voltage -1e300")

    assert listed(client, "2022-01-01", "2022-01-01", name="Power")[0][2] == -1.7976931348623157e308


def test_power_outlives_the_readings(client: Client, store: Store) -> None:
    post_lines(client, f"{FIRST} Current 2\n{FIRST + 5} Voltage 4")
    at(store, LATER).move()
    at(store, LATER, {"": DAY}).expire()

    assert listed(client, "2022-01-01", "2022-01-01") == [("2022-01-01T00:00:00.000Z", "Power", 8.0)]
