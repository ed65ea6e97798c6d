"""Times as clients write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend import instants

# 2021-04-12T20:20:20Z is 1618258820 s after 1970; a tick is 100 ns.
EXAMPLE = 16182588200000000


@pytest.mark.parametrize(
    "text",
    [
        "2021-04-12T20:20:20.000Z",
        "2021-04-12T20:20:20Z",
        "2021-04-12T20:20:20.0000000Z",
        "2021-04-12t20:20:20z",
        "2021-04-12T22:20:20+02:00",
        "2021-04-12T14:50:20.0-05:30",
        "2021-04-12T20:20:20",  # without an offset: UTC
    ],
)
def test_these_are_all_the_documents_start(text: str) -> None:
    assert instants.parse(text) == EXAMPLE


def test_seven_digits_are_kept_and_those_behind_cut_off() -> None:
    assert instants.parse("2021-04-12T20:20:20.1234567Z") == EXAMPLE + 1234567
    assert instants.parse("2021-04-12T20:20:20.123456789Z") == EXAMPLE + 1234567


def test_a_day_alone_is_its_midnight_and_seconds_may_be_left_out() -> None:
    assert instants.parse("1970-01-02") == 24 * 3600 * 10_000_000
    assert instants.parse("1970-01-01T00:01Z") == 60 * 10_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "20210412T202020Z",
        "2021-W15-1T20:20:20Z",
        "2021-04-12T20Z",
        "2021-04-12T20:20:20.000Z ",
        "٢٠٢١-04-12T20:20:20Z",
        "2021-04-12T20:20:20.Z",
    ],
)
def test_another_form_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        instants.parse(text)


@pytest.mark.parametrize(
    "text", ["2021-02-29T00:00:00Z", "2021-04-12T24:00:00Z", "2021-04-12T20:20:60Z", "0000-01-01"]
)
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="exists"):
        instants.parse(text)


@pytest.mark.parametrize(
    "text", ["1969-12-31T23:59:59.9999999Z", "1970-01-01T00:00:00+00:01", "2200-01-01T00:00:00Z"]
)
def test_a_time_outside_the_sane_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="between 1970 and 2200"):
        instants.parse(text)


def test_the_ends_of_the_sane_range_are_taken() -> None:
    assert instants.parse("1970-01-01T00:00:00Z") == 0
    assert (
        instants.round_trip(instants.parse("2199-12-31T23:59:59.9999999Z")) == "2199-12-31T23:59:59.9999999Z"
    )


def test_three_digits_are_written_where_they_hold_it() -> None:
    assert instants.iso(EXAMPLE) == "2021-04-12T20:20:20.000Z"
    assert instants.iso(EXAMPLE + 1234567) == "2021-04-12T20:20:20.1234567Z"


@given(st.integers(0, instants.parse("2199-12-31T23:59:59.9999999Z")))
def test_what_is_written_reads_back_the_same(ticks: int) -> None:
    assert instants.parse(instants.round_trip(ticks)) == instants.parse(instants.iso(ticks)) == ticks
