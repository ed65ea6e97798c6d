"""Trend and correlation: by hand, and against the standard library's own."""

import statistics
from math import isclose, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.environment import analysis
from sampler.backend.environment.analysis import TIME, Moments
from sampler.backend.instants import TICKS_PER_SECOND
from sampler.backend.store.environment.rows import Values
from tests.backend.environment.conftest import User
from tests.backend.environment.speaking import row, rows

HOUR = 3600 * TICKS_PER_SECOND
TEMPERATURE, HUMIDITY, PRESSURE = analysis.FIELDS


def moments(*rows: tuple[float, float, float, float]) -> Moments:
    found = analysis.moments(Values("a", round(hour * HOUR), *fields) for hour, *fields in rows)
    assert found
    return found


def test_a_straight_line_has_its_slope() -> None:
    found = moments((0, 10, 50, 1000), (1, 12, 49.5, 1000), (3, 16, 48.5, 1000))

    assert found.slope(TEMPERATURE) == pytest.approx(2.0, rel=1e-15)
    assert found.slope(HUMIDITY) == pytest.approx(-0.5, rel=1e-15)
    assert found.slope(PRESSURE) == 0.0


def test_pearsons_r_by_hand() -> None:
    # Temperatures 1, 2, 3 and humidities 1, 3, 2, about their means -1, 0, 1 and -1, 1, 0:
    # products 1 + 0 + 0 = 1, squares 2 and 2, so r = 1 / sqrt(2 * 2) = 0.5.
    found = moments((0, 1, 1, -1), (1, 2, 3, -2), (2, 3, 2, -3))

    assert found.correlation(TEMPERATURE, HUMIDITY) == pytest.approx(0.5, rel=1e-15)
    assert found.correlation(TEMPERATURE, PRESSURE) == pytest.approx(-1.0, rel=1e-15)


def test_what_does_not_vary_has_no_correlation_and_one_time_no_slope() -> None:
    assert moments((0, 1, 5, 1), (1, 2, 5, 2)).correlation(TEMPERATURE, HUMIDITY) is None
    assert moments((1, 1, 5, 1), (1, 2, 5, 2)).slope(TEMPERATURE) is None
    assert analysis.moments([]) is None


@pytest.mark.parametrize("many", [3, 720, 1500])  # the last in two parts
@pytest.mark.parametrize("constant", [0.1, 0.7, 21.3, 40.1, 1013.3])
def test_what_is_always_the_same_does_not_vary_though_its_mean_rounds(many: int, constant: float) -> None:
    found = moments(*((hour, constant, hour % 7, -constant) for hour in range(many)))

    assert found.slope(TEMPERATURE) == found.slope(PRESSURE) == 0.0
    pairs = [(TIME, TEMPERATURE), (TEMPERATURE, HUMIDITY), (TEMPERATURE, PRESSURE), (HUMIDITY, PRESSURE)]
    assert [found.correlation(*pair) for pair in pairs] == [None] * 4
    assert found.correlation(TIME, HUMIDITY) is not None


def test_what_is_the_same_within_each_part_and_not_between_them_varies() -> None:
    # 1000 rows of 0.1 and 500 of 0.7: with n = 1500 evenly spaced hours, r = sqrt(3) * sqrt(a * b) / sqrt(n² - 1)
    # for a and b rows of two values one behind the other.
    found = moments(*((hour, 0.1 if hour < 1000 else 0.7, 0, 0) for hour in range(1500)))

    expected = sqrt(3) * sqrt(1000 * 500) / sqrt(1500**2 - 1)
    assert found.correlation(TIME, TEMPERATURE) == pytest.approx(expected, rel=1e-9)


def test_many_rows_of_one_time_have_neither_slope_nor_correlation_with_it() -> None:
    found = moments(*((0.1, value, 0, 0) for value in range(1500)))

    assert (found.slope(TEMPERATURE), found.slope(HUMIDITY)) == (None, None)
    assert found.correlation(TIME, TEMPERATURE) is None


def test_a_constant_that_is_large_hides_nothing() -> None:
    # A slope of 0.001 per hour on 1e6, at which one-pass formulas with squares of the values lose all digits.
    found = moments(*((hour, 1e6 + 0.001 * hour, 0, 0) for hour in range(5000)))

    assert found.slope(TEMPERATURE) == pytest.approx(0.001, rel=1e-6)


NUMBERS = st.floats(-1e6, 1e6)
ROWS = st.lists(st.tuples(st.integers(0, 10_000), NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=60)


@given(rows=ROWS, size=st.integers(1, 20))
def test_parts_give_what_the_whole_gives(rows: list[Any], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "_AT_ONCE", size)
        found = moments(*rows)
    hours, temperatures, humidities, _ = (list(column) for column in zip(*rows, strict=True))

    spread = statistics.pvariance(hours) * len(rows)
    assert isclose(found.products[TIME][TIME], spread, rel_tol=1e-9, abs_tol=1e-6)
    if spread:
        expected = statistics.linear_regression(hours, temperatures).slope
        assert isclose(found.slope(TEMPERATURE) or 0.0, expected, rel_tol=1e-6, abs_tol=1e-6)
    if min(statistics.pstdev(temperatures), statistics.pstdev(humidities)) > 1e-3:
        r = statistics.correlation(temperatures, humidities)
        assert isclose(found.correlation(TEMPERATURE, HUMIDITY) or 0.0, r, rel_tol=1e-6, abs_tol=1e-6)


def hourly(many: int, sensor: str = "kitchen") -> list[dict[str, Any]]:
    """Each hour half a degree warmer, 0 % drier and 1 hPa up or down in turn."""
    return [
        row(
            sensor_id=sensor,
            timestamp=f"2022-01-{5 + hour // 24:02}T{hour % 24:02}:00:00Z",
            temperature=20 + 0.5 * hour,
            pressure=1000 + hour % 2,
        )
        for hour in range(many)
    ]


def test_the_trend_of_a_sensor_is_told(ada: User) -> None:
    ada.post([*hourly(4), row(sensor_id="cellar", temperature=-100)])

    found = ada.found("/v1/analysis/trend", sensor_id="kitchen")

    assert (found["sensor_id"], found["count"]) == ("kitchen", 4)
    assert found["temperature"] == pytest.approx(
        {"slope_per_hour": 0.5, "slope_per_day": 12.0, "r_squared": 1.0}
    )
    assert found["humidity"] == {"slope_per_hour": 0.0, "slope_per_day": 0.0, "r_squared": None}
    # 0, 1, 0, 1 at the hours 0 to 3: (1.5 * 0.5 - 0.5 * 0.5 + 0.5 * -0.5 + 1.5 * 0.5) / 5 = 0.2,
    # and r² = 1² / (5 * 1) = 0.2.
    expected = {"slope_per_hour": 0.2, "slope_per_day": 4.8, "r_squared": 0.2}
    assert found["pressure"] == pytest.approx(expected)


def test_of_rows_without_any_change_no_correlation_is_told(ada: User) -> None:
    constant = {"temperature": 21.3, "humidity": 40.1, "pressure": 1013.3}
    ada.post([one | constant for one in rows(720)])

    trend = ada.found("/v1/analysis/trend", sensor_id="kitchen")
    correlation = ada.found("/v1/analysis/correlation", sensor_id="kitchen")

    flat = {"slope_per_hour": 0.0, "slope_per_day": 0.0, "r_squared": None}
    assert [trend[field] for field in constant] == [flat] * 3
    assert [value for name, value in correlation.items() if "_" in name and name != "sensor_id"] == [None] * 3


def test_the_correlation_of_two_fields_is_told(ada: User) -> None:
    ada.post(hourly(4))

    found = ada.found("/v1/analysis/correlation", sensor_id="kitchen", end_date="2022-01-05T02:00:00Z")

    # Of three rows 0, 1, 0 against a line: no correlation; the humidity does not vary.
    assert found == {
        "sensor_id": "kitchen",
        "count": 3,
        "temperature_humidity": None,
        "temperature_pressure": pytest.approx(0.0),
        "humidity_pressure": None,
    }
    whole = ada.found("/v1/analysis/correlation", sensor_id="kitchen")
    assert whole["temperature_pressure"] == pytest.approx(sqrt(0.2))


def test_of_nothing_nothing_is_told(ada: User) -> None:
    assert ada.found("/v1/analysis/trend", sensor_id="none")["temperature"] is None
    assert ada.found("/v1/analysis/correlation", sensor_id="none")["temperature_humidity"] is None
    forecast = ada.found("/v1/analysis/forecast", sensor_id="none")
    assert (forecast["hours"], forecast["temperature"]) == ([], None)


def test_numbers_too_large_to_be_squared_have_no_analysis_and_no_crash(ada: User) -> None:
    values = [{"temperature": 1.7e308 * (-1) ** hour, "humidity": 1.7e308} for hour in range(50)]
    ada.post([one | value for one, value in zip(hourly(50), values, strict=True)])

    trend, correlation, forecast = (
        ada.found(f"/v1/analysis/{kind}", sensor_id="kitchen")
        for kind in ("trend", "correlation", "forecast")
    )

    assert trend["temperature"]["r_squared"] is None
    assert correlation["temperature_humidity"] is None
    assert forecast["temperature"] is None


def test_a_sensor_must_be_named(ada: User) -> None:
    assert ada.get("/v1/analysis/trend").json()["errors"] == {"sensor_id": ["It is required."]}


def test_the_hours_to_come_are_told_with_the_error_on_the_last_day(ada: User) -> None:
    ada.post(hourly(72))

    found = ada.found("/v1/analysis/forecast", sensor_id="kitchen", hours=2)

    # 20 + 0.5 * 72 = 56 and 56.5; the pressure alternates, which yesterday tells exactly and a line does not.
    assert found["hours"] == ["2022-01-08T00:00:00.000Z", "2022-01-08T01:00:00.000Z"]
    assert found["temperature"]["method"] == "line"
    assert found["temperature"]["values"] == pytest.approx([56.0, 56.5])
    assert found["temperature"]["mean_absolute_error"] == pytest.approx(0.0, abs=1e-9)
    assert found["pressure"] == {
        "method": "seasonal naive",
        "mean_absolute_error": 0.0,
        "values": [1000.0, 1001.0],
    }
