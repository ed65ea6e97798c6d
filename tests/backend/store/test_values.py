"""Values go in and come out as they were, and are ordered alike, on both engines."""

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampler.backend.store import Store, Value
from tests.backend.store.things import ADD

INT64 = [-(2**63), -(2**31) - 1, -1, 0, 1, 2**15, 2**31, 2**53 + 1, 2**63 - 1]
REALS = (0.1, -1e308, 5e-324, 1.7976931348623157e308, 23.26, 3.0, 2.0**53, math.pi)
INSERT, SELECT = 'INSERT INTO things ("{}") VALUES (:value)', 'SELECT "{}" FROM things'
COUNT = 'SELECT count(*) FROM things WHERE "{}" = :value'
anything = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None
)


def round_trip(store: Store, column: str, value: Value) -> Value:
    with store.writing() as session:
        session.run("DELETE FROM things")
        session.run(INSERT.format(column), value=value)
    with store.reading() as session:
        (found,) = session.rows(SELECT.format(column))[0]
        (same,) = session.rows(COUNT.format(column), value=value)[0]
    assert same == (value is not None)
    return found  # type: ignore[no-any-return]


def test_whole_numbers_of_64_bits(store: Store) -> None:
    assert [round_trip(store, "whole", value) for value in INT64] == INT64


def test_floats_to_their_last_bit(store: Store) -> None:
    for value in REALS:
        found = round_trip(store, "real", value)
        assert isinstance(found, float)
        assert found.hex() == value.hex()


def test_a_float_may_be_given_as_a_whole_number_and_is_one(store: Store) -> None:
    found = round_trip(store, "real", 3)
    assert (found, type(found)) == (3.0, float)


def test_a_negative_zero_is_zero(store: Store) -> None:
    assert round_trip(store, "real", -0.0) == 0.0  # SQLite forgets its sign


@anything
@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_of_any_characters(store: Store, value: str) -> None:
    assert round_trip(store, "name", value) == value


@anything
@given(value=st.binary())
def test_bytes(store: Store, value: bytes) -> None:
    assert round_trip(store, "raw", value) == value


def test_nothing(store: Store) -> None:
    assert [round_trip(store, column, None) for column in ("name", "whole", "real", "raw")] == [None] * 4


def test_text_that_has_a_meaning_elsewhere(store: Store) -> None:
    texts = ["", " ", "%", "%s", ":a", "''", "\\", "e\u0301", "\U0010ffff", "\ufeff", "\n\t\x7f"]
    assert [round_trip(store, "name", text) for text in texts] == texts


def test_text_is_ordered_by_code_point(store: Store) -> None:
    ordered = [
        "",
        " ",
        "-b",
        "A",
        "Z",
        "_",
        "a",
        "a b",
        "aB",
        "aa",
        "z",
        "Ä",
        "é",
        "\ud7ff",
        "\ue000",
        "\U0001f321",
    ]
    with store.writing() as session:
        session.run_many(ADD, [{"name": name} for name in reversed(ordered)])

    with store.reading() as session:
        assert session.rows("SELECT name FROM things ORDER BY name") == [(name,) for name in ordered]
        assert session.row("SELECT min(name), max(name) FROM things") == ("", "\U0001f321")
        above = session.rows("SELECT name FROM things WHERE name > :name ORDER BY name", name="a b")
        assert above == [(name,) for name in ordered[8:]]


def test_sums_and_averages_are_plain_numbers(store: Store) -> None:
    with store.writing() as session:
        session.run_many('INSERT INTO things ("whole") VALUES (:n)', [{"n": 2**40}, {"n": 2**40 + 1}])
        found = session.row('SELECT sum("whole"), count(*), avg("whole"), max("whole") / 2 FROM things')

    assert found == (2**41 + 1, 2, 2**40 + 0.5, 2**39)
    assert found is not None
    assert [type(value) for value in found] == [int, int, float, int]
