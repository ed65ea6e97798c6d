"""Times as they are posted and told."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend import instants

OSLO = ZoneInfo("Europe/Oslo")
SECOND = 10_000_000
NINTH_OF_NOVEMBER = 1_636_493_889 * SECOND  # 2021-11-09T21:38:09Z: `date -u -d 2021-11-09T21:38:09 +%s`
moments = st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30))
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2021-11-09T21:38:09Z", 0),
        ("2021-11-09T21:38:09+00:00", 0),
        ("2021-11-09T21:38:09", 0),
        ("2021-11-09 21:38:09", 0),
        ("2021-11-09t21:38:09z", 0),
        ("2021-11-09T22:38:09+01:00", 3600),
        ("2021-11-09T22:38:09+0100", 3600),
        ("2021-11-09T22:38:09+01", 3600),
        ("2021-11-10T03:08:09+05:30", 19_800),
        ("2021-11-09T11:38:09-10:00", -36_000),
        ("2021-11-09T21:38:09.000000000Z", 0),
    ],
)
def test_one_instant_may_be_written_in_many_ways(text: str, offset: int) -> None:
    assert instants.parse_local(text, UTC) == (NINTH_OF_NOVEMBER, offset)


def test_what_is_left_out_is_zero() -> None:
    assert instants.parse_local("2021-11-09T21:38", UTC)[0] == NINTH_OF_NOVEMBER - 9 * SECOND
    assert instants.parse_local("2021-11-09", UTC)[0] == 1_636_416_000 * SECOND


def test_digits_behind_the_seventh_are_cut_off() -> None:
    assert instants.parse_local("2021-11-09T21:38:09.12345678Z", UTC)[0] == NINTH_OF_NOVEMBER + 1_234_567
    assert instants.parse_local("2021-11-09T21:38:09,5Z", UTC)[0] == NINTH_OF_NOVEMBER + SECOND // 2


@pytest.mark.parametrize(
    ("local", "told"),
    [
        ("2021-06-01T12:00:00", "2021-06-01T12:00:00+02:00"),
        ("2021-12-01T12:00:00", "2021-12-01T12:00:00+01:00"),
        # 02:30 comes twice when the clocks go back: the first is meant.
        ("2021-10-31T02:30:00", "2021-10-31T02:30:00+02:00"),
        # 02:30 does not come when they go forward: half an hour behind 02:00 as they stood before, which they skip.
        ("2021-03-28T02:30:00", "2021-03-28T02:30:00+01:00"),
        ("2021-03-28T02:30:00Z", "2021-03-28T02:30:00+00:00"),
    ],
)
def test_without_an_offset_a_time_is_the_zones(local: str, told: str) -> None:
    assert instants.local_iso(*instants.parse_local(local, OSLO)) == told


@given(moment=moments, east=offsets)
def test_what_is_told_is_what_was_posted(moment: datetime, east: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=east)))

    ticks, offset = instants.parse_local(aware.isoformat(), UTC)

    assert offset == east * 60
    assert ticks == (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10
    assert datetime.fromisoformat(instants.local_iso(ticks, offset)) == aware
    assert instants.parse_local(instants.local_iso(ticks, offset), OSLO) == (ticks, offset)


@pytest.mark.parametrize(
    ("ticks", "told"),
    [
        (0, "1970-01-01T01:00:00+01:00"),
        (5_000_000, "1970-01-01T01:00:00.500+01:00"),
        (5_000_010, "1970-01-01T01:00:00.500001+01:00"),
        (5_000_001, "1970-01-01T01:00:00.5000001+01:00"),
    ],
)
def test_the_fraction_has_as_many_digits_as_it_needs(ticks: int, told: str) -> None:
    assert instants.local_iso(ticks, 3600) == told


@given(st.text())
def test_any_other_text_is_refused_with_words(text: str) -> None:
    words = refusal(text)
    assert not words or words.startswith(("must ", "is no date and time that exists"))


def refusal(text: str) -> str:
    try:
        instants.parse_local(text, OSLO)
    except ValueError as error:
        return str(error)
    return ""


NEAR_DAY = r"(19[67]|20[02]|2[12][09])\d-[01]\d-[0-3]\d"
NEAR_HOUR = r"[Tt ][0-2]\d:[0-6]\d(:[0-6]\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d(:?\d\d)?)?"


@given(st.from_regex(f"{NEAR_DAY}({NEAR_HOUR})?", fullmatch=True))
def test_any_text_that_is_almost_a_time_is_what_the_library_says_or_refused(text: str) -> None:
    try:
        found = instants.parse(text) // 10
    except ValueError:
        return
    library = datetime.fromisoformat(text.upper().replace(",", "."))
    moment = library if library.tzinfo else library.replace(tzinfo=UTC)
    assert found == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_an_offset_of_seconds_is_written_as_one_that_others_read_and_the_same_instant() -> None:
    ticks, east = instants.parse_local("1971-06-01T12:00:00", ZoneInfo("Africa/Monrovia"))
    assert east == -(44 * 60 + 30)

    assert instants.local_iso(ticks, east) == "1971-06-01T11:59:30-00:45"
    assert instants.parse("1971-06-01T11:59:30-00:45") == ticks
