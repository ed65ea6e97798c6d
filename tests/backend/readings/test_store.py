"""Whatever happens in whatever order, the store says what plain lists say: on both engines, in tiny rows and slices."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampler.backend.statistics import UNIT, Statistics
from sampler.backend.store import Session, Store
from sampler.backend.store.opening import open_store
from sampler.backend.store.readings import (
    adding,
    arrivals,
    deleting,
    expiring,
    merging,
    moving,
    ranges,
    sensors,
)
from sampler.backend.store.readings.expiring import Goal
from sampler.backend.store.readings.ranges import Range
from sampler.backend.store.readings.series import Series
from sampler.backend.store.readings.totals import totals
from sampler.backend.store.readings.verifying import verify
from tests.backend.readings.plain import HOUR, Figures, PlainSensor, Reading, figures
from tests.postgresql import PostgresqlServer

NAMES = ["a", "ü 2"]
HOURS = 3
FIRST = 454_000
"""An hour in 2021."""
TIMES = [(FIRST + hour) * HOUR + tick for hour in range(HOURS) for tick in (0, 1, 5_000, HOUR // 2, HOUR - 1)]
EMPTY_ALL = [f"DELETE FROM {table}" for table in ("sensors", "arrivals", "blocks", "crowded", "voided")]  # noqa: S608

times = st.sampled_from(TIMES)
values = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.1, -0.0, 5e-324, 1.7e308])
parts = st.builds(
    lambda name, readings, offset: Series(
        name, [t for t, _ in readings], [v for _, v in readings], max(t for t, _ in readings), offset
    ),
    st.sampled_from(NAMES),
    st.lists(st.tuples(times, values), min_size=1, max_size=6),
    st.sampled_from([0, 3600]),
)
actions = st.one_of(
    st.tuples(st.just("post"), st.lists(parts, max_size=3)),
    st.tuples(st.just("post"), st.lists(parts, max_size=3)),
    st.tuples(st.sampled_from(["clear", "delete"]), st.sampled_from(NAMES)),
)
commits = st.tuples(st.just("commit"), st.lists(actions, min_size=1, max_size=3))
steps = st.one_of(
    commits,
    commits,
    st.tuples(st.sampled_from(["move", "move", "purge"]), st.none()),
    st.tuples(st.just("merge"), st.integers(FIRST + 1, FIRST + HOURS)),
    st.tuples(st.just("expire"), st.tuples(st.sampled_from(NAMES), st.integers(FIRST, FIRST + HOURS))),
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, blocks and slices of a few readings each, so that a few readings fill many."""
    monkeypatch.setattr(arrivals, "MOST_READINGS", 5)
    monkeypatch.setattr(arrivals, "MOST_HOURS", 3)
    monkeypatch.setattr(moving, "_MOST_BLOCKS", 4)
    monkeypatch.setattr(moving, "MOST_ROWS", 3)
    monkeypatch.setattr(merging, "SMALL", 4)
    monkeypatch.setattr(merging, "_LARGE", 5)
    monkeypatch.setattr(merging, "_MOST_READINGS", 12)
    monkeypatch.setattr(expiring, "_MOST_BLOCKS", 2)
    monkeypatch.setattr(deleting, "_MOST_BLOCKS", 2)
    monkeypatch.setattr(ranges, "ENOUGH", 4)
    monkeypatch.setattr(ranges, "_MOST_HOURS", 2)


@pytest.fixture
def store(small: None, tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'backend.db'}")) as store:
        yield store


@pytest.fixture
def shared_store(small: None, postgresql: PostgresqlServer) -> Iterator[Store]:
    with postgresql.new_database() as url, closing(open_store(url)) as store:
        yield store


class Both:
    """The store and the lists, which go through the same."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.plain: dict[str, PlainSensor] = defaultdict(PlainSensor)
        with store.writing() as session:
            for statement in EMPTY_ALL:
                session.run(statement)

    def commit(self, actions: list[tuple[str, Any]]) -> None:
        with self.store.writing() as session:
            for action, what in actions:
                getattr(self, action)(session, what)

    def post(self, session: Session, request: list[Series]) -> None:
        adding.add(session, request)
        for part in request:
            self.plain[part.name].add(part)

    def clear(self, session: Session, name: str) -> None:
        sensors.clear(session, name)
        self.plain[name].clear()

    def delete(self, session: Session, name: str) -> None:
        deleting.delete(session, name)
        self.plain[name].delete()

    def move(self, _: None) -> None:
        while True:
            with self.store.reading() as session:
                plan = moving.plan(session)
            if not plan:
                return
            with self.store.writing() as session:
                moving.carry_out(session, plan)

    def merge(self, before: int) -> None:
        with self.store.reading() as session:
            plan = merging.plan(session, before)
        with self.store.writing() as session:
            merging.carry_out(session, plan)

    def purge(self, _: None) -> None:
        with self.store.writing() as session:
            deleting.purge(session)

    def expire(self, goal: tuple[str, int]) -> None:
        name, hour = goal
        with self.store.writing() as session:
            sensor = sensors.find(session, name)
            if sensor:
                expiring.expire(session, [Goal(sensor.number, hour)])
                reached = sensors.find(session, name)
                assert reached
                self.plain[name].kept_from = reached.kept_from

    def compare(self, edges: list[int]) -> None:
        """See that both say the same."""
        assert [*verify(self.store)] == []
        for name in NAMES:
            self._compare_statistics(name, edges)
            assert self.listed(edges[0], edges[-1], name) == self._plainly(edges[0], edges[-1], [name])
        assert self.listed(edges[0], edges[-1]) == self._plainly(edges[0], edges[-1], NAMES)

    def _compare_statistics(self, name: str, edges: list[int]) -> None:
        plain = self.plain[name]
        with self.store.reading() as session:
            sensor = sensors.find(session, name)
            assert (sensor is None) <= (not plain.readings)
            if sensor is None:
                return
            found = totals(session, sensor, edges)
        assert _figures(sensor.statistics) == plain.running()
        assert plain.last == (None if sensor.last is None else (sensor.last, sensor.last_offset))
        for start, end, total in zip(edges, edges[1:], found, strict=False):
            expected = figures([value for _, value in plain.between(start, end)])
            whole = total.complete or start // HOUR >= plain.kept_from
            assert _figures(total.statistics) == expected if whole else total.statistics.count <= expected[0]

    def listed(self, start: int, end: int, name: str | None = None) -> list[Reading]:
        slices = [*ranges.slices(self.store, Range(start, end, name))]
        listed = [r for one in slices for r in zip(one.times, one.names, one.values, strict=True)]
        assert [r[:2] for r in listed] == sorted(r[:2] for r in listed)
        return sorted(listed)

    def _plainly(self, start: int, end: int, names: list[str]) -> list[Reading]:
        return sorted((t, name, v) for name in names for t, v in self.plain[name].kept(start, end))


def _figures(statistics: Statistics) -> Figures:
    total = Fraction(statistics.total, 1 << UNIT)
    return statistics.count, total, statistics.min, statistics.max


whatever = given(
    steps=st.lists(steps, min_size=5, max_size=25),
    edges=st.lists(times, min_size=2, max_size=4, unique=True).map(sorted),
)
enough = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def go_through(store: Store, steps: list[tuple[str, Any]], edges: list[int]) -> None:
    both = Both(store)
    for step, what in steps:
        getattr(both, step)(what)
    both.compare(edges)
    both.compare([0, TIMES[-1] + 1])


@enough
@whatever
def test_whatever_happens_the_store_says_what_plain_lists_say(
    store: Store, steps: list[tuple[str, Any]], edges: list[int]
) -> None:
    go_through(store, steps, edges)


@pytest.mark.real
@settings(enough, max_examples=15)
@whatever
def test_so_it_does_on_postgresql(
    shared_store: Store, steps: list[tuple[str, Any]], edges: list[int]
) -> None:
    go_through(shared_store, steps, edges)
