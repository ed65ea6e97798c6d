"""Filters, each set of them against a plain reading of the contract over all rows."""

import calendar
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.backend.environment.conftest import User
from tests.backend.environment.speaking import row

NAMES = ["a", "b", "b c", "ü"]
VALUES = [-10.0, -0.5, 0.0, 0.5, 1e-300, 20.0, 1e300]
DAYS = [datetime(2021, 12, 31, tzinfo=UTC) + timedelta(hours=hour) for hour in range(0, 24 * 70, 7)]
ROWS = [
    row(
        sensor_id=NAMES[number % 4],
        timestamp=time.isoformat(),
        temperature=VALUES[number % 7],
        humidity=VALUES[number // 2 % 7],
        pressure=VALUES[number // 3 % 7],
    )
    for number, time in enumerate(DAYS)
]
DATES = st.sampled_from(DAYS).flatmap(
    lambda day: st.sampled_from([f"{day:%Y}", f"{day:%Y-%m}", f"{day:%Y-%m-%d}", day.isoformat()])
)
BOUNDS = st.fixed_dictionaries(
    {},
    optional={
        f"{bound}_{field}": st.sampled_from(VALUES)
        for bound in ("min", "max")
        for field in ("temperature", "humidity", "pressure")
    },
)
QUERIES = st.builds(
    lambda bounds, more: bounds | more,
    BOUNDS,
    st.fixed_dictionaries(
        {}, optional={"sensor_id": st.sampled_from([*NAMES, "none"]), "start_date": DATES, "end_date": DATES}
    ),
)


def covered(text: str) -> tuple[datetime, datetime]:
    """The first and last microsecond that a partial date means."""
    if len(text) > 10:
        return datetime.fromisoformat(text), datetime.fromisoformat(text)
    parts = [int(part) for part in text.split("-")]
    year, month, day = [*parts, *([1, 1] if len(parts) == 1 else [1])][:3]
    last_month = 12 if len(parts) == 1 else month
    last_day = day if len(parts) == 3 else calendar.monthrange(year, last_month)[1]
    end = datetime(year, last_month, last_day, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
    return datetime(year, month, day, tzinfo=UTC), end


def passes(one: dict[str, Any], query: dict[str, Any]) -> bool:
    time = datetime.fromisoformat(one["timestamp"])
    return (
        query.get("sensor_id") in {None, one["sensor_id"]}
        and ("start_date" not in query or time >= covered(query["start_date"])[0])
        and ("end_date" not in query or time <= covered(query["end_date"])[1])
        and all(
            query.get(f"min_{field}", one[field]) <= one[field] <= query.get(f"max_{field}", one[field])
            for field in ("temperature", "humidity", "pressure")
        )
    )


def is_the_wrong_way_round(query: dict[str, Any]) -> bool:
    dates = "start_date" in query and "end_date" in query
    if dates and covered(query["end_date"])[1] < covered(query["start_date"])[0]:
        return True
    return any(
        query.get(f"min_{field}", float("-inf")) > query.get(f"max_{field}", float("inf"))
        for field in ("temperature", "humidity", "pressure")
    )


@pytest.fixture(scope="module")
def owner(new_user: Callable[[], User]) -> User:
    """Somebody with all the rows, beside somebody else with the same."""
    user = new_user()
    for each in (user, new_user()):
        assert each.post(ROWS).status_code == 201
    return user


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES)
def test_exactly_the_rows_that_pass_are_found(owner: User, query: dict[str, Any]) -> None:
    if is_the_wrong_way_round(query):
        assert owner.get(**query).status_code == 400
        return
    expected = [
        (one["sensor_id"], datetime.fromisoformat(one["timestamp"])) for one in ROWS if passes(one, query)
    ]

    found = owner.found(per_page=1000, **query)

    assert found["pagination"]["total"] == len(expected)
    assert [(one["sensor_id"], datetime.fromisoformat(one["timestamp"])) for one in found["data"]] == expected
    assert sum(one["count"] for one in owner.found("/v1/data/aggregate", **query)["data"]) == len(expected)
    tallies = owner.found(aggregate="daily", per_page=1000, **query)["data"]
    assert sum(one["count"] for one in tallies) == len(expected)
    assert len(tallies) == len({(name, time.date()) for name, time in expected})
