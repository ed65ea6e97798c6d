"""Rule (h): a backend's statistics of readings, from sums of the oracle's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from simulation.oracle.violation import Violation


@dataclass(slots=True)
class Readings:
    """Of one sensor: how many, their exact sum, and the latest time as it was posted."""

    count: int = 0
    total: Fraction = field(default_factory=Fraction)
    last: datetime | None = None

    def add(self, value: float, time: datetime) -> None:
        """Count one more; of equal times the one that came first stays."""
        self.count += 1
        self.total += Fraction(value)
        if self.last is None or time > self.last:
            self.last = time

    @property
    def average(self) -> float:
        """The double nearest to the mean; 0.0 of none."""
        return float(self.total / self.count) if self.count else 0.0


class Statistics:
    """What was posted to one backend and stored, by sensor."""

    def __init__(self) -> None:
        self._sensors: dict[str, Readings] = {}

    def stored(self, sensor: str, value: float, time: datetime) -> None:
        """Note a reading that a backend has stored; its time is aware."""
        self._sensors.setdefault(sensor, Readings()).add(value, time)

    def cleared(self, sensor: str) -> None:
        """Note that a sensor's statistics begin anew."""
        self._sensors.pop(sensor, None)

    def judge(self, backend: str, told: Mapping[str, Mapping[str, Any]]) -> Iterator[Violation]:
        """Compare with the backend's answers, by sensor: `count`, `avg` and `last_measurement`, as in JSON."""
        for sensor in sorted({*self._sensors, *told}):
            truth, found = self._sensors.get(sensor, Readings()), told.get(sensor, {})
            expected = (truth.count, truth.average, truth.last)
            last = found.get("last_measurement")
            answer = (found.get("count"), found.get("avg"), last and datetime.fromisoformat(last))
            if answer != expected:
                yield Violation(
                    backend, "h", None, f"of {sensor}: (count, average, last) is {expected}, not {answer}"
                )
