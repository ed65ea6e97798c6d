"""The datum of both wings: what can be one, and how its times are written."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sampler.measurement import TemperatureMeasurement, from_nanoseconds, iso

START = datetime(2021, 4, 12, 20, 20, 20, tzinfo=UTC)
END = datetime(2021, 4, 12, 20, 22, 20, tzinfo=UTC)
VIENNA = timezone(timedelta(hours=2))


def test_a_measurement_takes_the_form_of_the_published_document() -> None:
    assert TemperatureMeasurement(START, END, 1.11, 1.13, 1.12).as_json() == {
        "time": {"start": "2021-04-12T20:20:20.000Z", "end": "2021-04-12T20:22:20.000Z"},
        "min": 1.11,
        "max": 1.13,
        "average": 1.12,
    }


def test_the_average_travels_under_the_name_asked_for() -> None:
    measurement = TemperatureMeasurement(START, END, 1.11, 1.13, 1.12)
    assert measurement.as_json("avg").keys() == {"time", "min", "max", "avg"}
    both = measurement.as_json("both")
    assert (both["average"], both["avg"]) == (1.12, 1.12)


def test_the_average_may_lie_on_the_edge() -> None:
    assert TemperatureMeasurement(START, END, 1.0, 1.0, 1.0).average == 1.0


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"start": START.replace(tzinfo=None)}, "must be in UTC"),
        ({"end": END.astimezone(VIENNA)}, "must be in UTC"),
        ({"start": END, "end": START}, "is not after the start"),
        ({"end": START}, "is not after the start"),
        ({"max": math.inf}, "must be finite"),
        ({"average": math.nan}, "must be finite"),
        ({"average": 1.14}, "is outside 1.11 to 1.13"),
        ({"average": 1.10}, "is outside 1.11 to 1.13"),
    ],
)
def test_a_measurement_that_cannot_be_is_refused(changed: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        replace(TemperatureMeasurement(START, END, 1.11, 1.13, 1.12), **changed)


def test_a_time_is_cut_to_the_millisecond_that_has_begun() -> None:
    # 2021-04-12 20:20:20 UTC is 1 618 258 820 s after 1970.
    assert from_nanoseconds(1_618_258_820_999_999_999) == START + timedelta(milliseconds=999)
    assert iso(from_nanoseconds(1_618_258_820_123_000_000)) == "2021-04-12T20:20:20.123Z"
