"""Forecasts: what is expected, by which method, how wrong it was, and when there is none."""

import math

import pytest

from sampler.backend.environment.forecasting import forecast

NOON_OF_SOME_DAY = 24 * 19_000 + 12


def hours(many: int) -> range:
    return range(NOON_OF_SOME_DAY, NOON_OF_SOME_DAY + many)


def test_what_goes_up_steadily_goes_on_up() -> None:
    found = forecast({hour: 3.0 * hour for hour in hours(48)}, 3)

    assert found
    assert found.method == "line"
    last = hours(48)[-1]
    assert found.values == pytest.approx([3.0 * (last + 1), 3.0 * (last + 2), 3.0 * (last + 3)])


def test_what_was_yesterday_comes_again() -> None:
    means = {hour: math.sin(hour / 24 * 2 * math.pi) for hour in hours(96)}

    found = forecast(means, 24)

    assert found
    assert found.method == "seasonal naive"
    assert found.values == [means[hour] for hour in hours(96)[-24:]]
    assert found.error == pytest.approx(0.0, abs=1e-9)


def test_the_error_is_that_of_the_day_kept_back() -> None:
    # Two days at 10, the third at 13: both methods expect 10 there and are 3 off.
    found = forecast({hour: 10.0 if hour < NOON_OF_SOME_DAY + 48 else 13.0 for hour in hours(72)}, 1)

    assert found
    assert found.error == pytest.approx(3.0)


def test_hours_that_are_missing_are_left_out() -> None:
    means = {hour: float(hour % 24) for hour in hours(96) if hour % 5}

    found = forecast(means, 24)

    assert found
    assert found.method == "seasonal naive"
    assert found.values == [float(hour % 24) for hour in hours(24)]


@pytest.mark.parametrize("many", [0, 1, 24, 47])
def test_of_less_than_two_days_there_is_none(many: int) -> None:
    assert forecast(dict.fromkeys(hours(many), 1.0), 24) is None
