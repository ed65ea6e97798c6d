"""The document itself: every field, every fault."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.store.measurements import Measurement
from sampler.backend.temperature.documents import read_many, read_one
from sampler.backend.web.problems import Invalid
from tests.backend.speaking import END, START, document


def read(**changes: Any) -> Measurement:
    (measurement,) = read_one(json.dumps(document(**changes)).encode())
    return measurement


def faults(body: bytes | dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        read_one(body if isinstance(body, bytes) else json.dumps(body).encode())
    return {name: list(words) for name, words in caught.value.errors.items()}


def test_the_published_example_is_read() -> None:
    # 2021-04-12T20:20:20Z is 1618258820 s after 1970; a tick is 100 ns.
    assert read() == Measurement(16182588200000000, 16182589400000000, 1.11, 1.13, 1.12)


def test_names_may_have_any_letter_case() -> None:
    body = {"TIME": {"Start": START, "END": END}, "Min": 1.11, "mAx": 1.13, "AVERAGE": 1.12}

    assert read_one(json.dumps(body).encode()) == [read()]


def test_unknown_fields_are_ignored() -> None:
    assert read(colour="red", nested={"a": [1, {}]}) == read()


def test_avg_is_taken_for_the_average() -> None:
    assert read(average=None, avg=1.12) == read()


def test_of_two_averages_avg_counts_as_with_the_published_backend() -> None:
    assert read(avg=1.12, average=99) == read()


def test_whole_numbers_are_temperatures_too() -> None:
    assert read(max=23).max == 23.0


def test_numbers_in_strings_are_read_as_net_reads_them() -> None:
    assert read(min="1.11", max="113e-2") == read()


def test_the_bounds_belong_to_the_range() -> None:
    widest = read(min=-50, max=50.0, average=0)

    assert (widest.min, widest.max) == (-50.0, 50.0)


@pytest.mark.parametrize("value", [50.01, -50.000001, 1e308, -(10**30)])
def test_a_temperature_beyond_the_bounds_is_refused(value: float) -> None:
    assert faults(document(max=value)) == {"Max": ["The Max field must be between -50 and 50."]}


@pytest.mark.parametrize("value", [True, "warm", "NaN", "1_0", " 1", "", [], {}])
def test_a_temperature_that_is_no_number_is_refused(value: object) -> None:
    assert faults(document(min=value)) == {"Min": ["The Min field must be a number."]}


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "1" * 5000, "01", "+1", ".5", "0x1"]
)
def test_a_number_that_json_or_a_double_does_not_have_is_refused(number: str) -> None:
    body = json.dumps(document(min="HERE")).replace('"HERE"', number).encode()

    assert list(faults(body)) == ["$"]


def test_a_range_or_period_the_wrong_way_round_is_stored_as_the_published_backend_does() -> None:
    assert read(min=2, max=1, average=3, time={"start": END, "end": START}).start > read().start


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (None, {"Time": ["The Time field is required."]}),
        (3, {"Time": ["The Time field must be an object."]}),
        ({"end": END}, {"Time.Start": ["The Time.Start field is required."]}),
        ({"start": START, "end": None}, {"Time.End": ["The Time.End field is required."]}),
        ({"start": 1618258820, "end": END}, {"Time.Start": ["The Time.Start field must be a string."]}),
        (
            {"start": "yesterday", "end": END},
            {
                "Time.Start": [
                    "The Time.Start field must be an ISO 8601 time such as 2021-04-12T20:20:20.000Z."
                ]
            },
        ),
    ],
)
def test_a_time_that_is_missing_or_none_is_named(time: object, expected: dict[str, list[str]]) -> None:
    assert faults(document(time=time)) == expected


def test_all_faults_are_named_at_once() -> None:
    assert set(faults({"time": {}})) == {"Time.Start", "Time.End", "Min", "Max", "Avg"}


NO_JSON = [
    b"",
    b"{",
    b"\xff",
    b"{'min': 1}",
    b"{} {}",
    b'"\\ud800"',
    b"[" * 100_000,
    b'{"time": "\xff"}',
    b'"\xed\xa0\x80"',
]


@pytest.mark.parametrize("body", NO_JSON)
def test_what_is_no_json_is_named_by_the_documents_sign(body: bytes) -> None:
    assert list(faults(body)) == ["$"]


@pytest.mark.parametrize("body", [b"null", b"3", b"[]", b'"x"', b"true"])
def test_what_is_no_object_is_named_by_the_documents_sign(body: bytes) -> None:
    assert faults(body) == {"$": ["A measurement must be an object."]}


def test_an_element_that_is_no_object_is_named_by_its_place() -> None:
    with pytest.raises(Invalid) as caught:
        read_many(json.dumps([document(), None, document(average=None)]).encode())

    assert set(caught.value.errors) == {"[1]", "[2].Avg"}


def test_missing_measurements_must_come_in_an_array() -> None:
    with pytest.raises(Invalid, match="must be an array"):
        read_many(json.dumps(document()).encode())


def test_nesting_has_a_limit() -> None:
    def nested(levels: int) -> bytes:
        return json.dumps(document(extra="HERE")).replace('"HERE"', "[" * levels + "]" * levels).encode()

    assert read_one(nested(31)) == [read()]
    assert list(faults(nested(32))) == ["$"]


def test_a_byte_order_mark_before_the_document_is_passed_over() -> None:
    assert read_one(b"\xef\xbb\xbf" + json.dumps(document()).encode()) == [read()]


def test_the_account_of_the_window_is_kept_as_it_came() -> None:
    quality = {"due": 1200, "taken": 1199, "missed": {"late": 1}, "bad": {}, "clock": "set"}

    assert json.loads(read(quality=quality).quality or b"") == quality


@pytest.mark.parametrize("other", [5, "good", [1], True])
def test_another_thing_under_that_name_is_an_unknown_field(other: object) -> None:
    assert read(quality=other) == read()


def test_the_account_has_a_bound() -> None:
    assert faults(document(quality={"words": "x" * 4096})) == {
        "Quality": ["The Quality field must not be longer than 4096 bytes."]
    }


NAMES = st.sampled_from(["time", "min", "max", "avg", "start", "end", "x"])
LEAVES = st.none() | st.booleans() | st.floats() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
def test_whatever_comes_is_a_measurement_or_invalid(thing: object) -> None:
    with contextlib.suppress(Invalid):
        assert all(-50 <= m.min <= 50 for m in read_many(json.dumps([thing]).encode()))


PIECES = [json.dumps(document()), "null", "-0", "1e400", "NaN", '"\\ud800"', *'[]{}",:\\ ']


@given(st.binary() | st.lists(st.sampled_from(PIECES)).map("".join).map(str.encode))
def test_any_bytes_are_measurements_or_invalid(body: bytes) -> None:
    for read_body in (read_one, read_many):
        with contextlib.suppress(Invalid):
            assert all(-50 <= m.min <= 50 for m in read_body(body))
