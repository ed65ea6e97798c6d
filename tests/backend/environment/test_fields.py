"""Periods that a partial date means, where the clocks are changed."""

from zoneinfo import ZoneInfo

import pytest

from sampler.backend.environment import fields
from sampler.backend.instants import iso, parse


def covered(text: str, zone: str) -> tuple[str, str]:
    start, end = fields.period(ZoneInfo(zone))(text)
    return iso(start), iso(end)


@pytest.mark.parametrize(
    ("text", "zone", "start", "end"),
    [
        ("2022", "UTC", "2022-01-01T00:00:00.000Z", "2023-01-01T00:00:00.000Z"),
        ("2024-02", "UTC", "2024-02-01T00:00:00.000Z", "2024-03-01T00:00:00.000Z"),
        ("2022-01-05", "UTC", "2022-01-05T00:00:00.000Z", "2022-01-06T00:00:00.000Z"),
        # Oslo is an hour ahead, two in summer: its year begins at 23, and March 27 has 23 hours.
        ("2022", "Europe/Oslo", "2021-12-31T23:00:00.000Z", "2022-12-31T23:00:00.000Z"),
        ("2022-03-27", "Europe/Oslo", "2022-03-26T23:00:00.000Z", "2022-03-27T22:00:00.000Z"),
        # Clocks in Cairo went from midnight to 1 on 2023-04-28.
        ("2023-04-28", "Africa/Cairo", "2023-04-27T22:00:00.000Z", "2023-04-28T21:00:00.000Z"),
        # Samoa went from the end of December 29, 10 hours behind, to the 31, 14 ahead.
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z", "2011-12-30T10:00:00.000Z"),
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00.000Z", "2011-12-31T10:00:00.000Z"),
    ],
)
def test_a_partial_date_is_what_the_calendar_there_has(text: str, zone: str, start: str, end: str) -> None:
    assert covered(text, zone) == (start, end)


def test_the_first_day_may_begin_before_our_time() -> None:
    start, end = fields.period(ZoneInfo("Asia/Tokyo"))("1970-01-01")

    assert (start, end) == (-9 * 3600 * 10**7, 15 * 3600 * 10**7)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2022-07-01T12:00:00", "2022-07-01T10:00:00Z"),
        ("2022-07-01T12:00:00Z", "2022-07-01T12:00:00Z"),
        ("2022-07-01t12:00:00.5-03:30", "2022-07-01T15:30:00.5Z"),
    ],
)
def test_a_time_is_local_unless_it_names_an_offset(text: str, utc: str) -> None:
    assert fields.period(ZoneInfo("Europe/Oslo"))(text) == (parse(utc), parse(utc) + 1)
