"""The table of sensors: their names and running statistics."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import inf
from string import ascii_lowercase

from sampler.backend.statistics import Statistics, of, total_bytes, total_from
from sampler.backend.store import Row, Session, Value
from sampler.backend.store.readings.series import Series

_KEYS = [f"{first}{second}" for first in ascii_lowercase[:10] for second in ascii_lowercase[:10]]
_ANY = ", ".join(f":{key}" for key in _KEYS)
_COLUMNS = "number, name, epoch, first_epoch, kept_from, count, total, min, max, last, last_offset"
_NAMED = f"SELECT {_COLUMNS} FROM sensors WHERE name IN ({_ANY})"  # noqa: S608 - constants
_NUMBERED = f"SELECT {_COLUMNS} FROM sensors WHERE number IN ({_ANY})"  # noqa: S608 - constants
_ONE = f"SELECT {_COLUMNS} FROM sensors WHERE name = :name"  # noqa: S608 - constants
_PAGE = f"SELECT {_COLUMNS} FROM sensors WHERE number > :after ORDER BY number LIMIT :most"  # noqa: S608 - constants
_BY_NAME = f"SELECT {_COLUMNS} FROM sensors WHERE name > :after ORDER BY name LIMIT :most"  # noqa: S608 - constants
_ADD = "INSERT INTO sensors (name, total, min, max) VALUES (:name, :total, :min, :max)"
_ADJUST = """
UPDATE sensors SET count = :count, total = :total, min = :min, max = :max, last = :last, last_offset = :last_offset
WHERE number = :number
"""
_CLEAR = """
UPDATE sensors SET epoch = epoch + 1, count = 0, total = :total, min = :min, max = :max, last = NULL, last_offset = 0
WHERE name = :name
"""
_NOTHING: dict[str, Value] = {"total": total_bytes(0), "min": inf, "max": -inf}


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor with its statistics since they were last cleared."""

    number: int
    name: str
    epoch: int
    first_epoch: int
    kept_from: int
    """The hour before which readings have expired."""
    statistics: Statistics
    last: int | None
    """The latest of the times, in ticks."""
    last_offset: int
    """In which that one was written: seconds east of UTC."""

    def after(self, new: Series) -> "Sensor":
        """Give the same sensor with these readings, too."""
        is_later = self.last is None or self.last <= new.last
        return Sensor(
            self.number,
            self.name,
            self.epoch,
            self.first_epoch,
            self.kept_from,
            self.statistics + of(new.values),
            new.last if is_later else self.last,
            new.last_offset if is_later else self.last_offset,
        )


def find(session: Session, name: str) -> Sensor | None:
    """Give the sensor of that name."""
    row = session.row(_ONE, name=name)
    return _sensor(row) if row else None


def found_or_new(session: Session, names: Iterable[str]) -> dict[str, Sensor]:
    """Give the sensors of these names; those that are not there are made."""
    wanted = [*names]
    found = _named(session, wanted)
    new = [name for name in wanted if name not in found]
    if new:
        session.run_many(_ADD, ({"name": name, **_NOTHING} for name in new))
        found |= _named(session, new)
    return found


def adjust(session: Session, sensors: Iterable[Sensor]) -> None:
    """Write the statistics."""
    session.run_many(_ADJUST, (_values(sensor) for sensor in sensors))


def clear(session: Session, name: str) -> None:
    """Let the statistics start again at nothing; the readings stay."""
    session.settle()  # what other requests of this commit brought before is of the epoch that ends
    session.run(_CLEAR, name=name, **_NOTHING)


def page(session: Session, after: int, most: int) -> list[Sensor]:
    """Give so many sensors behind that number, in the order of their numbers."""
    return [_sensor(row) for row in session.rows(_PAGE, after=after, most=most)]


def by_name(session: Session, after: str, most: int) -> list[Sensor]:
    """Give so many sensors behind that name, in the order of their names."""
    return [_sensor(row) for row in session.rows(_BY_NAME, after=after, most=most)]


def numbered(session: Session, numbers: Iterable[int]) -> dict[int, Sensor]:
    """Give the sensors with these numbers."""
    return {row[0]: _sensor(row) for row in _any_of(session, _NUMBERED, numbers)}


def _named(session: Session, names: Iterable[str]) -> dict[str, Sensor]:
    return {row[1]: _sensor(row) for row in _any_of(session, _NAMED, names)}


def _any_of(session: Session, statement: str, wanted: Iterable[Value]) -> Iterator[Row]:
    """Ask for a hundred at a time: the server may be far, and a statement is a constant."""
    rest = iter(wanted)
    while some := [*islice(rest, len(_KEYS))]:
        keys: dict[str, Value] = dict.fromkeys(_KEYS) | dict(zip(_KEYS, some, strict=False))
        yield from session.rows(statement, **keys)


def _sensor(row: Row) -> Sensor:
    number, name, epoch, first_epoch, kept_from, count, total, low, high, last, last_offset = row
    statistics = Statistics(count, total_from(total), low, high)
    return Sensor(number, name, epoch, first_epoch, kept_from, statistics, last, last_offset)


def _values(sensor: Sensor) -> dict[str, Value]:
    statistics = sensor.statistics
    return {
        "number": sensor.number,
        "count": statistics.count,
        "total": total_bytes(statistics.total),
        "min": statistics.min,
        "max": statistics.max,
        "last": sensor.last,
        "last_offset": sensor.last_offset,
    }
