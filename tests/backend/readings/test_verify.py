"""`sampler backend verify` names what was changed behind the backend's back, on both engines."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from sampler.backend.command import backend
from sampler.backend.store import Store
from sampler.backend.store.readings import deleting
from tests.backend.readings.keeping_house import at, bring, change, rows
from tests.backend.readings.plain import HOUR, series

LATER = 2_000_000_000.0
NINE = 454_000 * HOUR  # 2021-10-16T16:00Z, the hour 454 000


@pytest.fixture
def stored(store: Store) -> Store:
    """Sensor a has 1, 2 and 3 in a block and 4 among the arrivals; b has expired."""
    bring(store, series("a", (NINE, 1.0), (NINE + 1, 2.0), (NINE + 2, 3.0)), series("b", (0, 9.0)))
    at(store, LATER).move()
    at(store, LATER, {"b": 60}).expire()
    bring(store, series("a", (NINE + 3, 4.0)))
    return store


def verify(database_url: str, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(backend, ["verify", *options], env={"DATABASE_URL": database_url})
    return done.exit_code, done.output


def test_what_is_right_is_said_to_be(stored: Store, database_url: str) -> None:
    assert verify(database_url) == (0, "all statistics are what the readings give\n")
    assert verify(database_url, "--json") == (0, '{\n  "clean": true,\n  "differences": []\n}\n')


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE sensors SET count = 5 WHERE name = 'a'", ["a: count: stored 5, recomputed 4"]),
        (
            "UPDATE sensors SET total = (SELECT total FROM sensors WHERE name = 'b') WHERE name = 'a'",
            ["a: sum: stored 9.0, recomputed 10.0"],
        ),
        ("UPDATE sensors SET min = 0 WHERE name = 'a'", ["a: min: stored 0.0, recomputed 1.0"]),
        ("UPDATE sensors SET max = 9 WHERE name = 'b'", []),
        ("UPDATE sensors SET max = 10 WHERE name = 'b'", ["b: max: stored 10.0, recomputed 9.0"]),
        ("UPDATE sensors SET last = 7 WHERE name = 'a'", [f"a: last: stored 7, recomputed {NINE + 3}"]),
        (
            "UPDATE blocks SET count = 2 WHERE count = 3",
            [
                "a: count: stored 4, recomputed 3",
                "a, 2021-10-16T16:00:00.000Z: count of block 1: stored 2, recomputed 3",
            ],
        ),
        (
            "UPDATE blocks SET first = 0 WHERE count = 3",
            [f"a, 2021-10-16T16:00:00.000Z: first of block 1: stored 0, recomputed {NINE}"],
        ),
        (
            "UPDATE blocks SET hour = hour + 1 WHERE count = 3",
            [
                "a, 2021-10-16T17:00:00.000Z: hour of block 1: stored 454001, recomputed 454000 to 454000",
            ],
        ),
        (
            "UPDATE blocks SET data = NULL WHERE count = 3",
            [
                "a, 2021-10-16T16:00:00.000Z: readings of block 1: stored are not there, recomputed 3 should be"
            ],
        ),
        (
            "DELETE FROM blocks WHERE count = 3",
            [
                "a: count: stored 4, recomputed 1",
                "a: min: stored 1.0, recomputed 4.0",
                "a: sum: stored 10.0, recomputed 4.0",
            ],
        ),
        (
            "DELETE FROM arrivals",
            [
                "a: count: stored 4, recomputed 3",
                "a: max: stored 4.0, recomputed 3.0",
                f"a: last: stored {NINE + 3}, recomputed {NINE + 2}",
                "a: sum: stored 10.0, recomputed 6.0",
            ],
        ),
        (
            "UPDATE arrivals SET readings = 2",
            [
                f"arrival 2: stored 2 readings from {NINE + 3} to {NINE + 3}, "
                f"recomputed 1 from {NINE + 3} to {NINE + 3}"
            ],
        ),
    ],
)
def test_what_differs_is_named(stored: Store, database_url: str, damage: str, told: list[str]) -> None:
    change(stored, damage)

    code, output = verify(database_url)

    assert code == (1 if told else 0)
    assert output.splitlines()[:-1] == told


@pytest.mark.parametrize("at_byte", [0, 7, -1])
def test_damaged_bytes_are_named_and_not_a_stack_trace(
    stored: Store, database_url: str, at_byte: int
) -> None:
    for table in ("blocks", "arrivals"):
        [(data,)] = rows(stored, f"SELECT data FROM {table} WHERE data IS NOT NULL")  # noqa: S608 - constants
        broken = bytearray(data)
        broken[at_byte] ^= 1
        with stored.writing() as session:
            session.run(f"UPDATE {table} SET data = :data WHERE data IS NOT NULL", data=bytes(broken))  # noqa: S608

    code, output = verify(database_url, "--json")

    assert code == 1
    told: list[dict[str, Any]] = json.loads(output)["differences"]
    unreadable = [
        (one["what"], one["sensor"], one["hour"]) for one in told if one["stored"] == "cannot be read"
    ]
    assert unreadable == [
        ("arrival 2", None, None),
        ("readings of block 1", "a", "2021-10-16T16:00:00.000Z"),
    ]


def test_what_was_deleted_is_no_difference(stored: Store, database_url: str) -> None:
    with stored.writing() as session:
        deleting.delete(session, "a")

    assert verify(database_url)[0] == 0


def test_a_database_that_is_not_there_is_told_in_a_line(tmp_path: Any) -> None:
    code, output = verify(f"sqlite:///{tmp_path / 'none.db'}")

    assert code == 1
    assert output.startswith("Error: not everything was compared: ")
    assert "Traceback" not in output
    assert not (tmp_path / "none.db").exists()
