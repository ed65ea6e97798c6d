"""What a field may be in the hours to come, by the better of two simple methods, and how wrong that was before.

The methods and their test are those of R. J. Hyndman and G. Athanasopoulos, "Forecasting: Principles and Practice",
3rd edition, sections 5.2 (seasonal naive), 7.1 (a straight line) and 5.8 (a test on data that was kept back).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

HOURS_A_DAY = 24
TRIED_ON_HOURS = 24
"""The last hours, which the methods do not see when they are tried."""

Means = Mapping[int, float]
"""By hours since 1970."""
Model = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The values of the hours to come, and the mean absolute error of the same method on the last day."""

    method: str
    error: float
    values: list[float]


def forecast(means: Means, hours: int) -> Forecast | None:
    """Continue hourly means by the method that was nearest to the last day.

    None if no method had enough to go by, or the numbers are too large to calculate with.
    """
    last = max(means, default=0)
    seen = {hour: mean for hour, mean in means.items() if hour <= last - TRIED_ON_HOURS}
    kept_back = {hour: mean for hour, mean in means.items() if hour > last - TRIED_ON_HOURS}
    tried = [
        (_error(model, kept_back), name)
        for name, method in METHODS.items()
        if (model := method(seen)) is not None
    ]
    if not tried:
        return None
    error, name = min(tried)
    model = METHODS[name](means)
    assert model  # noqa: S101 - it has more to go by than when it was tried
    values = [model(hour) for hour in range(last + 1, last + 1 + hours)]
    return Forecast(name, error, values) if all(map(isfinite, (error, *values))) else None


def _error(model: Model, kept_back: Means) -> float:
    return sum(abs(model(hour) - mean) for hour, mean in kept_back.items()) / len(kept_back)


def _line(means: Means) -> Model | None:
    """Expect what the least squares line has, which needs a day at least."""
    if len(means) < HOURS_A_DAY:
        return None
    hour_0, mean_0 = sum(means) / len(means), sum(means.values()) / len(means)
    spread = sum((hour - hour_0) ** 2 for hour in means)
    slope = sum((hour - hour_0) * (mean - mean_0) for hour, mean in means.items()) / spread
    return lambda hour: mean_0 + slope * (hour - hour_0)


def _seasonal_naive(means: Means) -> Model | None:
    """Expect what was at the same time of the last day that has it, which each time of the day must have been."""
    at = {hour % HOURS_A_DAY: means[hour] for hour in sorted(means)}
    return (lambda hour: at[hour % HOURS_A_DAY]) if len(at) == HOURS_A_DAY else None


METHODS: Mapping[str, Callable[[Means], Model | None]] = {"line": _line, "seasonal naive": _seasonal_naive}
