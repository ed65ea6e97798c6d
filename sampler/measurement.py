"""The datum that both wings share: one window's minimum, maximum and average."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

AverageKey = Literal["average", "avg", "both"]
"""The name under which the average travels: the published document says `average`, the ASP.NET model `avg`."""

NS_PER_MS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TemperatureMeasurement:
    """What one window came to.

    Times are aware and in UTC; minimum, maximum and average are in °C with at most two decimals.
    Raises ValueError for a measurement that cannot be: no zone, an end that is not after the start,
    a number that is not finite, or an average outside minimum and maximum.
    """

    start: datetime
    end: datetime
    min: float
    max: float
    average: float

    def __post_init__(self) -> None:
        if self.start.utcoffset() != timedelta(0) or self.end.utcoffset() != timedelta(0):
            raise ValueError("start and end must be in UTC")
        if not self.start < self.end:
            raise ValueError(f"the end, {self.end}, is not after the start, {self.start}")
        if not all(map(math.isfinite, (self.min, self.max, self.average))):
            raise ValueError("min, max and average must be finite")
        if not self.min <= self.average <= self.max:
            raise ValueError(f"the average, {self.average}, is outside {self.min} to {self.max}")

    def as_json(self, average_key: AverageKey = "average") -> dict[str, Any]:
        """Give the published document's form, with the average under the name asked for."""
        names = ("average", "avg") if average_key == "both" else (average_key,)
        return {
            "time": {"start": iso(self.start), "end": iso(self.end)},
            "min": self.min,
            "max": self.max,
            **dict.fromkeys(names, self.average),
        }


def iso(time: datetime) -> str:
    """Write a UTC time as `2021-04-12T20:20:20.000Z`, the form that .NET's strict reader takes."""
    return time.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_nanoseconds(nanoseconds: int) -> datetime:
    """Give the UTC time so many nanoseconds after 1970, to the millisecond that has begun (no float on the way)."""
    return _EPOCH + timedelta(milliseconds=nanoseconds // NS_PER_MS)
