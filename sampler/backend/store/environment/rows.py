"""The rows of users: put in, counted, listed, changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from sampler.backend.store import HIGHEST, Session, Value


class Values(NamedTuple):
    """What a row says; its time in ticks of 100 ns since 1970 (UTC), all numbers finite."""

    sensor: str
    time: int
    temperature: float
    humidity: float
    pressure: float


class Stored(NamedTuple):
    """A row with the number under which it is stored; no other row ever has that."""

    number: int
    values: Values


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which two values, both included, each field has to lie."""

    temperature: tuple[float, float] = (-inf, inf)
    humidity: tuple[float, float] = (-inf, inf)
    pressure: tuple[float, float] = (-inf, inf)


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a user are asked for: those of [start, end), in ticks, within the limits."""

    user: int
    sensor: str | None = None
    start: int = -1
    end: int = HIGHEST
    limits: Limits = NO_LIMITS


_FIELDS = "sensor, time, temperature, humidity, pressure"
_VISIBLE = "batch NOT IN (SELECT batch FROM environment_unfinished)"
_ALL = f'"user" = :user AND time >= :start AND time < :end AND {_VISIBLE}'
# Pairs, or SQLite takes the index of all sensors' times.
_SENSOR = f""""user" = :user AND (sensor, time) >= (:sensor, :start) AND (sensor, time) < (:sensor, :end)
AND {_VISIBLE}"""
_LIMITED = """ AND temperature BETWEEN :min_temperature AND :max_temperature
AND humidity BETWEEN :min_humidity AND :max_humidity AND pressure BETWEEN :min_pressure AND :max_pressure"""


def _each(columns: str, of_all: str, more: str = "") -> dict[tuple[bool, bool], str]:
    """Give the query by whether a sensor is named and whether there are limits, each with no more than it needs.

    `of_all` is the order if no sensor is named; of one sensor it is always that of the times.
    """
    select = f"SELECT {columns} FROM environment WHERE"  # noqa: S608 - constants
    of_one = "ORDER BY sensor, time, number" if of_all else ""
    return {
        (False, False): f"{select} {_ALL} {of_all} {more}",
        (False, True): f"{select} {_ALL} {_LIMITED} {of_all} {more}",
        (True, False): f"{select} {_SENSOR} {of_one} {more}",
        (True, True): f"{select} {_SENSOR} {_LIMITED} {of_one} {more}",
    }


_COUNT = _each("count(*)", "")
_LAST = _each("max(time)", "")
_PAGE = _each(f"number, {_FIELDS}", "ORDER BY time, number", "LIMIT :many OFFSET :skipped")
_BY_TIME = _each(_FIELDS, "ORDER BY time, number")
_BY_SENSOR = _each(_FIELDS, "ORDER BY sensor, time, number")
_ONE = f"""
SELECT {_FIELDS} FROM environment WHERE number = :number AND "user" = :user AND {_VISIBLE}
"""  # noqa: S608 - constants
_CHANGE = """
UPDATE environment SET sensor = :sensor, time = :time,
temperature = :temperature, humidity = :humidity, pressure = :pressure WHERE number = :number
"""
_ADD = """
INSERT INTO environment (number, batch, "user", sensor, time, temperature, humidity, pressure)
VALUES (:number, :batch, :user, :sensor, :time, :temperature, :humidity, :pressure)
"""
_NUMBERS = """
INSERT INTO environment_numbers VALUES (1, :many)
ON CONFLICT (one) DO UPDATE SET last = environment_numbers.last + :many RETURNING last
"""


def new_numbers(session: Session, many: int) -> int:
    """Take so many numbers that nothing had before; give the first."""
    ((last,),) = session.rows(_NUMBERS, many=many)
    return int(last) - many + 1


def add(session: Session, user: int, rows: Sequence[Values], batch: int = 0) -> int:
    """Store the rows and give the number of the first; the others' follow it."""
    first = new_numbers(session, len(rows))
    of_all = {"user": user, "batch": batch}
    session.run_many(
        _ADD, ({"number": number, **of_all, **row._asdict()} for number, row in enumerate(rows, first))
    )
    return first


def count(session: Session, wanted: Wanted) -> int:
    """Count the rows."""
    ((found,),) = session.rows(_COUNT[_kind(wanted)], **_bindings(wanted))
    return int(found)


def last_time(session: Session, wanted: Wanted) -> int | None:
    """Give the latest of the rows' times; None if there is no row."""
    ((last,),) = session.rows(_LAST[_kind(wanted)], **_bindings(wanted))
    return None if last is None else int(last)


def page(session: Session, wanted: Wanted, skipped: int, many: int) -> list[Stored]:
    """Give so many rows behind the first ones, in the order (time, number)."""
    found = session.rows(_PAGE[_kind(wanted)], **_bindings(wanted), skipped=skipped, many=many)
    return [Stored(number, Values(*values)) for number, *values in found]


def by_time(session: Session, wanted: Wanted) -> Iterator[Values]:
    """Give the rows one by one in the order of their times."""
    return map(Values._make, session.stream(_BY_TIME[_kind(wanted)], **_bindings(wanted)))


def by_sensor(session: Session, wanted: Wanted) -> Iterator[Values]:
    """Give the rows one by one, sensor after sensor in the order of their times."""
    return map(Values._make, session.stream(_BY_SENSOR[_kind(wanted)], **_bindings(wanted)))


def find(session: Session, user: int, number: int) -> Values | None:
    """Give the row of that number, if it is the user's."""
    row = session.row(_ONE, user=user, number=number)
    return Values(*row) if row else None


def change(session: Session, number: int, values: Values) -> None:
    """Let the row say something else."""
    session.run(_CHANGE, number=number, **values._asdict())


def _kind(wanted: Wanted) -> tuple[bool, bool]:
    return wanted.sensor is not None, wanted.limits != NO_LIMITS


def _bindings(wanted: Wanted) -> dict[str, Value]:
    named, limited = _kind(wanted)
    bindings: dict[str, Value] = {"user": wanted.user, "start": wanted.start, "end": wanted.end}
    if named:
        bindings["sensor"] = wanted.sensor
    if limited:
        for field in ("temperature", "humidity", "pressure"):
            bindings[f"min_{field}"], bindings[f"max_{field}"] = getattr(wanted.limits, field)
    return bindings
