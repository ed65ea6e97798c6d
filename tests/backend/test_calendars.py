"""Local hours, days, months and years: every instant lies in exactly one of them, whatever the clocks do."""

import contextlib
import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend import instants
from sampler.backend.calendars import Bucket, By, bucket_of, buckets, zone

SECOND = instants.TICKS_PER_SECOND
HOUR = 3600
DAY = 24 * HOUR


def around(name: str, start: str, end: str, by: By) -> list[str]:
    """Each bucket as its label and its length in hours."""
    found = buckets(instants.parse(start), instants.parse(end), by, zone(name))
    return [f"{bucket.label} {(bucket.end - bucket.start) / SECOND / HOUR:g} h" for bucket in found]


def test_the_day_that_summer_time_begins_has_23_hours() -> None:
    assert around("Europe/Oslo", "2022-03-26T12:00Z", "2022-03-28", "day") == [
        "2022-03-26T00:00:00+01:00 24 h",
        "2022-03-27T00:00:00+01:00 23 h",
        "2022-03-28T00:00:00+02:00 24 h",  # it begins before the end of the range, at 22:00Z
    ]
    assert around("Europe/Oslo", "2022-03-27T00:00Z", "2022-03-27T02:00Z", "hour") == [
        "2022-03-27T01:00:00+01:00 1 h",
        "2022-03-27T03:00:00+02:00 1 h",
    ]


def test_the_day_that_summer_time_ends_has_25_hours_and_one_of_them_twice() -> None:
    assert around("Europe/Oslo", "2022-10-30T00:00Z", "2022-10-30T12:00Z", "day") == [
        "2022-10-30T00:00:00+02:00 25 h"
    ]
    assert around("Europe/Oslo", "2022-10-30T00:00Z", "2022-10-30T02:00Z", "hour") == [
        "2022-10-30T02:00:00+02:00 1 h",
        "2022-10-30T02:00:00+01:00 1 h",
    ]


def test_months_and_years_begin_at_the_midnight_of_the_place() -> None:
    assert around("Europe/Oslo", "2022-03-01", "2022-03-02", "month") == ["2022-03-01T00:00:00+01:00 743 h"]
    assert around("Asia/Kolkata", "2022-01-31T18:30Z", "2022-03-31T18:30Z", "month") == [
        "2022-02-01T00:00:00+05:30 672 h",
        "2022-03-01T00:00:00+05:30 744 h",
    ]
    assert around("America/New_York", "2024-01-01", "2024-01-02", "year") == [
        "2023-01-01T00:00:00-05:00 8760 h",
        "2024-01-01T00:00:00-05:00 8784 h",
    ]


def test_hours_follow_the_clocks_where_those_are_half_an_hour_off() -> None:
    assert around("Asia/Kathmandu", "2022-01-01T00:10Z", "2022-01-01T00:20Z", "hour") == [
        "2022-01-01T05:00:00+05:45 1 h",
        "2022-01-01T06:00:00+05:45 1 h",
    ]


def test_where_clocks_are_changed_by_half_an_hour_one_hour_is_a_half() -> None:
    assert around("Australia/Lord_Howe", "2021-10-02T14:30Z", "2021-10-02T16:30Z", "hour") == [
        "2021-10-03T01:00:00+10:30 1 h",
        "2021-10-03T02:30:00+11:00 0.5 h",
        "2021-10-03T03:00:00+11:00 1 h",
    ]
    assert around("Australia/Lord_Howe", "2021-04-03T14:00Z", "2021-04-03T16:00Z", "hour") == [
        "2021-04-04T01:00:00+11:00 1 h",
        "2021-04-04T01:30:00+10:30 0.5 h",
        "2021-04-04T02:00:00+10:30 1 h",
    ]


def test_a_day_whose_midnight_is_skipped_begins_with_its_first_second() -> None:
    assert around("America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T13:00Z", "day") == [
        "2018-11-04T01:00:00-02:00 23 h"
    ]


def test_a_day_that_begins_in_the_midst_of_a_skipped_hour_begins_after_it() -> None:
    # In Toronto the clocks went from 23:30 to 00:30 on 30 March 1919, which was 04:30Z.
    change = int(datetime(1919, 3, 31, 4, 30, tzinfo=UTC).timestamp()) * SECOND
    toronto = zone("America/Toronto")
    assert bucket_of(change - 1, "day", toronto).end == change
    assert bucket_of(change, "day", toronto).label == "1919-03-31T00:30:00-04:00"
    assert bucket_of(change + 20 * HOUR * SECOND, "day", toronto).start == change


def test_a_day_that_the_clocks_skip_has_no_bucket() -> None:
    assert around("Pacific/Apia", "2011-12-30T00:00Z", "2011-12-31T00:00Z", "day") == [
        "2011-12-29T00:00:00-10:00 24 h",
        "2011-12-31T00:00:00+14:00 24 h",
    ]
    assert around("Pacific/Kwajalein", "1993-08-21T00:00Z", "1993-08-22T00:00Z", "day") == [
        "1993-08-20T00:00:00-12:00 24 h",
        "1993-08-22T00:00:00+12:00 24 h",
    ]


def test_offsets_may_have_seconds() -> None:
    assert around("Africa/Monrovia", "1972-01-06T12:00Z", "1972-01-07T01:00Z", "day") == [
        "1972-01-06T00:00:00-00:44:30 24 h",
        f"1972-01-07T00:44:30+00:00 {(DAY - 2670) / HOUR:g} h",
    ]


def test_where_the_clocks_go_back_over_midnight_the_new_day_keeps_the_rest_of_the_old_date() -> None:
    # In St John's they went back at 00:01, to 23:01: the 29th began twice, an hour apart.
    assert around("America/St_Johns", "2006-10-29T02:00Z", "2006-10-29T12:00Z", "day") == [
        "2006-10-28T00:00:00-02:30 24 h",
        "2006-10-29T00:00:00-02:30 25 h",
    ]
    assert around("America/St_Johns", "2006-10-29T02:00Z", "2006-10-29T04:00Z", "hour") == [
        "2006-10-28T23:00:00-02:30 1 h",
        f"2006-10-29T00:00:00-02:30 {1 / 60:g} h",
        f"2006-10-28T23:01:00-03:30 {59 / 60:g} h",
        "2006-10-29T00:00:00-03:30 1 h",
    ]
    half_past_eleven_again = instants.parse("2006-10-28T23:30:00-03:30")
    st_johns = zone("America/St_Johns")
    assert bucket_of(half_past_eleven_again, "day", st_johns).label == "2006-10-29T00:00:00-02:30"


@pytest.mark.parametrize("by", get_args(By))
def test_a_range_of_nothing_touches_no_bucket_and_a_tick_touches_one(by: By) -> None:
    midnight = instants.parse("2022-01-01T00:00:00+01:00")
    oslo = zone("Europe/Oslo")
    assert not list(buckets(midnight, midnight, by, oslo))
    assert [b.start for b in buckets(midnight, midnight + 1, by, oslo)] == [midnight]
    assert [b.end for b in buckets(midnight - 1, midnight, by, oslo)] == [midnight]


def test_every_zone_of_the_database_can_be_named() -> None:
    assert {zone(name).key for name in available_timezones() - {"localtime"}} > {"Europe/Oslo", "UTC", "CET"}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Europe",
        "Europe/",
        "europe/oslo",
        "Europe/Nowhere",
        "../../etc/passwd",
        "/etc/localtime",
        "posix/Europe/Oslo",
        "right/Europe/Oslo",  # counts leap seconds: 27 s off
        "localtime",
        "tzdata.zi",
        "Europe/Oslo\x00",
        "Europe\\Oslo",
        "+02:00",
        "å",
        "\ud800",
        "x" * 1_000_000,
    ],
)
def test_what_is_no_zone_is_refused_in_few_words(name: str) -> None:
    with pytest.raises(
        ValueError, match=r"^must be a time zone of the IANA database, such as Europe/Oslo or UTC$"
    ):
        zone(name)


def local(second: int, place: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(second, place)


def offset(second: int, place: ZoneInfo) -> timedelta | None:
    return local(second, place).utcoffset()


def differs(place: ZoneInfo, before: timedelta | None, second: int) -> bool:
    return offset(second, place) != before


def changes(place: ZoneInfo) -> Iterator[int]:
    """The seconds from 1970 to 2037 at which clocks are changed; two within two days that cancel out would escape."""
    step = 2 * DAY
    found = [(start, offset(start, place)) for start in range(0, 68 * 366 * DAY, step)]
    for (start, before), (end, after) in pairwise(found):
        if before != after:
            seconds = range(start, end + 1)
            yield seconds[bisect_left(seconds, 1, key=partial(differs, place, before))]


def hold(place: ZoneInfo, change: int, by: By) -> None:
    """Sort readings around a change of clocks into buckets: each lies in one, and in the right one."""
    start, end = change - 30 * HOUR, change + 30 * HOUR
    found = list(buckets(start * SECOND, end * SECOND, by, place))
    seconds = sorted([*range(start, end, 5 * HOUR + 601), change - 1, change, change + 1])
    within = [
        seconds[bisect_left(seconds, b.start // SECOND) : bisect_left(seconds, b.end // SECOND)]
        for b in found
    ]
    assert sum(map(len, within)) == len(seconds)
    assert all(before.end == after.start for before, after in pairwise(found))
    assert all(local(b.start // SECOND, place).isoformat() == b.label and b.start < b.end for b in found)
    for bucket, inside in zip(found, within, strict=True):
        assert all(belongs(second, bucket, by, place) for second in inside)
        assert {bucket_of(second * SECOND, by, place) for second in inside[:1]} <= {bucket}


def belongs(second: int, bucket: Bucket, by: By, place: ZoneInfo) -> bool:
    """Whether the clocks show the bucket's hour, date, month or year; or its eve, if they went back into it."""
    shown, begin = local(second, place), datetime.fromisoformat(bucket.label)
    length = {"hour": 13, "day": 10, "month": 7, "year": 4}[by]
    same = shown.isoformat()[:length] == bucket.label[:length]
    if by == "hour":
        return same and shown.utcoffset() == begin.utcoffset() and bucket.end - bucket.start <= HOUR * SECOND
    eve = shown.replace(tzinfo=None) < begin.replace(tzinfo=None)
    return same or (eve and shown.utcoffset() != begin.utcoffset())


def check(names: Iterable[str]) -> int:
    """Sort readings around every change of clocks in these zones into buckets; gives how many changes there were."""
    places = [zone(name) for name in names]
    # Zones that change alike at one time are one: the database has 30 000 changes, and 6 000 that differ.
    found = {
        (at, offset(at - 1, place), offset(at, place)): place for place in places for at in changes(place)
    }
    for (change, _, _), place in found.items():
        for by in get_args(By):
            hold(place, change, by)
    return len(found)


def test_buckets_around_changes_of_clocks_add_up_to_the_raw_count() -> None:
    names = random.Random(3).sample(sorted(available_timezones()), 12)
    assert check(names) > 300


@pytest.mark.real
def test_buckets_around_every_change_of_clocks_in_every_zone_add_up_to_the_raw_count() -> None:
    assert check(available_timezones() - {"localtime"}) > 5_000


@given(st.text() | st.sampled_from(["../UTC", "/etc/localtime", "posix/UTC", "utc", "UTC ", "Europe", ""]))
def test_any_name_is_a_zone_of_the_database_or_refused(name: str) -> None:
    with contextlib.suppress(ValueError):
        assert zone(name).key == name
        assert name in available_timezones()
