"""A request's readings, sorted by their sensors while they are read."""

from array import array
from dataclasses import dataclass, field

from sampler.backend.store.readings.series import Series
from sampler.backend.web import names

MAX_READINGS = 1_000_000
MAX_SENSORS = 10_000
"""In a request: each takes a look-up and an update while others wait for their commit."""


@dataclass(slots=True)
class _Column:
    # Arrays: lists of as many objects would take five times the memory while they wait.
    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    last: int = -1
    last_offset: int = 0

    def add(self, time: int, offset: int, value: float) -> None:
        self.times.append(time)
        self.values.append(value)
        if time >= self.last:
            self.last, self.last_offset = time, offset


class Gathered:
    """Takes readings one by one and gives them as a series for each sensor."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}

    def add(self, name: str, time: int, offset: int, value: float) -> None:
        """Take a reading. Raises ValueError with words for the person who sent the name."""
        column = self._columns.get(name) or self._new(name)
        column.add(time, offset, value)

    def series(self) -> list[Series]:
        """Give what came."""
        return [
            Series(name, column.times, column.values, column.last, column.last_offset)
            for name, column in self._columns.items()
        ]

    def _new(self, name: str) -> _Column:
        names.new_sensor(name)
        if len(self._columns) == MAX_SENSORS:
            raise ValueError(f"is one too many: a request may name {MAX_SENSORS} sensors")
        return self._columns.setdefault(name, _Column())
