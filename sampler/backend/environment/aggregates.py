"""Rows -> count, min, max and exact mean of each field, by the hours, days, months or years of a place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sampler.backend import calendars, statistics
from sampler.backend.calendars import Bucket, By
from sampler.backend.statistics import EMPTY, Statistics
from sampler.backend.store.environment.rows import Values

_AT_ONCE = 1000


@dataclass(slots=True)
class Tally:
    """The statistics of the rows of one bucket, and of one sensor if they are kept apart."""

    bucket: Bucket
    sensor: str | None
    _summed: tuple[Statistics, Statistics, Statistics] = (EMPTY, EMPTY, EMPTY)
    _waiting: list[Values] = field(default_factory=list)

    def add(self, row: Values) -> None:
        """Count a row in."""
        self._waiting.append(row)
        if len(self._waiting) == _AT_ONCE:
            self._sum_up()

    def statistics(self) -> tuple[Statistics, Statistics, Statistics]:
        """Give those of temperature, humidity and pressure."""
        self._sum_up()
        return self._summed

    def _sum_up(self) -> None:
        if self._waiting:
            _, _, *columns = zip(*self._waiting, strict=True)
            first, second, third = map(statistics.of, columns)
            self._summed = (self._summed[0] + first, self._summed[1] + second, self._summed[2] + third)
            self._waiting.clear()


def by_time(rows: Iterable[Values], by: By, zone: ZoneInfo) -> Iterator[Tally]:
    """Tally rows that come in the order of their times, holding one tally; buckets without rows are left out."""
    return _tallies(((None, row) for row in rows), by, zone)


def by_sensor(rows: Iterable[Values], by: By, zone: ZoneInfo) -> Iterator[Tally]:
    """Tally each sensor's rows apart; they come sensor after sensor in the order of their times."""
    return _tallies(((row.sensor, row) for row in rows), by, zone)


def _tallies(rows: Iterable[tuple[str | None, Values]], by: By, zone: ZoneInfo) -> Iterator[Tally]:
    tally: Tally | None = None
    for sensor, row in rows:
        if tally is None or row.time >= tally.bucket.end or sensor != tally.sensor:
            if tally:
                yield tally
            tally = Tally(calendars.bucket_of(row.time, by, zone), sensor)
        tally.add(row)
    if tally:
        yield tally
