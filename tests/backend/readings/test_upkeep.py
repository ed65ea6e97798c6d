"""What is done to readings in the background, and that nobody sees a difference."""

import itertools
import time

import pytest

from sampler.backend.packing import unpack
from sampler.backend.store import Store
from sampler.backend.store.readings import arrivals, deleting, expiring, merging, moving, ranges, sensors
from sampler.backend.store.readings.expiring import Goal
from sampler.backend.store.readings.moving import Stale
from sampler.backend.store.readings.ranges import Range
from sampler.backend.store.readings.series import Series
from sampler.backend.store.readings.verifying import verify
from tests.backend.readings.keeping_house import HOUR_S, at, bring, rows
from tests.backend.readings.plain import HOUR, Reading, series

BLOCKS = "SELECT hour, epoch, number, count FROM blocks ORDER BY sensor, hour, epoch, number"
ARRIVALS = "SELECT readings FROM arrivals ORDER BY number"
LATER = 2_000_000_000.0
"""Seconds since 1970: long after whatever is stored now."""


def everything(store: Store) -> list[Reading]:
    slices = ranges.slices(store, Range(0, 2**60))
    found = [reading for one in slices for reading in zip(one.times, one.names, one.values, strict=True)]
    assert [*verify(store)] == []
    return found


def spread(name: str, hours: int, *, first: int = 0) -> Series:
    """A reading in each of so many hours: 0, 1, 2, …"""
    return series(name, *((hour * HOUR, float(hour)) for hour in range(first, first + hours)))


def test_a_commit_is_one_row_however_many_requests_it_holds(store: Store) -> None:
    bring(store, series("a", (0, 1.0)), series("b", (0, 2.0)), series("a", (1, 3.0)))

    assert rows(store, ARRIVALS) == [(3,)]
    assert rows(store, BLOCKS) == []
    assert everything(store) == [(0, "a", 1.0), (0, "b", 2.0), (1, "a", 3.0)]


def test_few_arrivals_wait_half_a_minute(store: Store) -> None:
    bring(store, series("a", (0, 1.0)))

    assert at(store, time.time() + moving.PATIENCE_S - 2).move() == 0
    assert at(store, time.time() + moving.PATIENCE_S + 1).move() == 1
    assert rows(store, ARRIVALS) == []
    assert rows(store, "SELECT count FROM blocks") == [(1,)]


@pytest.mark.parametrize(("limit", "value"), [("MOST_ROWS", 3), ("MOST_READINGS", 6)])
def test_many_are_moved_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(moving, limit, value)
    bring(store, series("a", (0, 1.0), (1, 2.0)))
    bring(store, series("a", (2, 1.0), (3, 2.0)))
    assert at(store, time.time()).move() == 0

    bring(store, series("a", (4, 1.0), (5, 2.0)))
    assert at(store, time.time()).move() == 1
    assert rows(store, "SELECT count FROM blocks") == [(6,)]


def test_a_request_of_many_hours_is_divided_into_rows_that_each_move_at_once(store: Store) -> None:
    bring(store, spread("a", 1200))

    assert rows(store, ARRIVALS) == [(500,), (500,), (200,)]
    before = everything(store)
    assert at(store, LATER).move() == 3
    assert rows(store, "SELECT count(*) FROM blocks") == [(1200,)]
    assert everything(store) == before


def test_so_is_one_of_many_readings(store: Store) -> None:
    bring(store, series("a", *((tick, 1.0) for tick in range(arrivals.MOST_READINGS + 5))))

    assert rows(store, ARRIVALS) == [(arrivals.MOST_READINGS,), (5,)]


def test_blocks_of_an_hour_are_merged_when_it_is_over(store: Store) -> None:
    for tick in (3, 1, 2):
        bring(store, series("a", (tick, float(tick))))
        at(store, LATER).move()
    assert [count for *_, count in rows(store, BLOCKS)] == [1, 1, 1]
    assert at(store, HOUR_S + 59).merge() == 0  # its last readings may still be on their way

    assert at(store, HOUR_S + 60).merge() == 1

    [(data,)] = rows(store, "SELECT data FROM blocks")
    assert [*map(list, unpack(data))] == [[1, 2, 3], [1.0, 2.0, 3.0]]
    assert rows(store, "SELECT * FROM crowded") == []
    assert everything(store) == [(1, "a", 1.0), (2, "a", 2.0), (3, "a", 3.0)]


def test_late_readings_are_merged_with_those_that_were(store: Store) -> None:
    for _ in range(3):
        bring(store, series("a", (0, 1.0)))
        at(store, LATER).move()
        at(store, LATER).merge()

    assert [count for *_, count in rows(store, BLOCKS)] == [3]


def test_large_blocks_are_left_as_they_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "SMALL", 3)
    for values in ([1.0], [1.0] * 3, [1.0], [1.0] * 4, [1.0]):
        bring(store, series("a", *((tick, value) for tick, value in enumerate(values))))
        at(store, LATER).move()

    at(store, LATER).merge()

    assert sorted(count for *_, count in rows(store, BLOCKS)) == [3, 3, 4]
    assert rows(store, "SELECT * FROM crowded") == []
    assert len(everything(store)) == 10


def test_readings_of_different_epochs_are_never_in_one_block(store: Store) -> None:
    for _ in range(2):
        bring(store, series("a", (0, 1.0)))
        at(store, LATER).move()
        with store.writing() as session:
            sensors.clear(session, "a")
    at(store, LATER).merge()

    assert [(epoch, count) for _, epoch, _, count in rows(store, BLOCKS)] == [(0, 1), (1, 1)]


def test_two_that_keep_house_do_not_do_it_twice(store: Store) -> None:
    bring(store, series("a", (0, 1.0)))
    with store.reading() as session:
        mine, theirs = moving.plan(session), moving.plan(session)
    assert mine
    assert theirs
    with store.writing() as session:
        moving.carry_out(session, theirs)

    with pytest.raises(Stale), store.writing() as session:
        moving.carry_out(session, mine)

    assert everything(store) == [(0, "a", 1.0)]


def test_two_that_merge_do_not_do_it_twice(store: Store) -> None:
    for _ in range(2):
        bring(store, series("a", (0, 1.0)))
        at(store, LATER).move()
    with store.reading() as session:
        mine, theirs = merging.plan(session, 10), merging.plan(session, 10)
    with store.writing() as session:
        merging.carry_out(session, theirs)

    with pytest.raises(Stale), store.writing() as session:
        merging.carry_out(session, mine)

    assert len(everything(store)) == 2


def test_readings_expire_in_whole_hours_and_leave_their_statistics(store: Store) -> None:
    bring(store, spread("a", 4), spread("b", 4))
    at(store, LATER).move()

    assert (
        at(store, 3.5 * HOUR_S, {"": HOUR_S}).expire() == 1
    )  # 2.5 hours are older than an hour: two whole ones

    assert [time // HOUR for time, name, _ in everything(store) if name == "a"] == [2, 3]
    assert rows(store, "SELECT count FROM sensors WHERE name = 'a'") == [(4,)]
    assert rows(store, "SELECT count(*), sum(count) FROM blocks") == [(8, 8)]


def test_no_transaction_lets_more_than_a_hundred_blocks_expire(store: Store) -> None:
    bring(store, spread("a", 250), spread("b", 30))
    at(store, LATER).move()
    goals = [Goal(1, 200), Goal(2, 20)]
    expired = []

    while goals:
        with store.writing() as session:
            goals = [*expiring.expire(session, goals)]
        [(count,)] = rows(store, "SELECT count(*) FROM blocks WHERE data IS NULL")
        expired.append(count)
        assert len(everything(store)) == 280 - count

    assert expired == [100, 200, 220]


def test_each_sensor_is_kept_as_long_as_it_is_wished(store: Store) -> None:
    for name in ("long", "short", "other"):
        bring(store, spread(name, 10))
    at(store, LATER).move()

    at(store, 10 * HOUR_S, {"long": 8 * HOUR_S, "short": 2 * HOUR_S, "": 5 * HOUR_S}).expire()

    kept = {
        name: [*group] for name, group in itertools.groupby(sorted(name for _, name, _ in everything(store)))
    }
    assert {name: len(names) for name, names in kept.items()} == {"long": 8, "short": 2, "other": 5}


def test_without_a_wish_readings_are_kept_for_ever(store: Store) -> None:
    bring(store, spread("a", 3))
    at(store, LATER).move()

    assert at(store, LATER).expire() == 0
    assert at(store, LATER, {"b": 60}).expire() == 1
    assert len(everything(store)) == 3


def test_what_comes_later_than_it_is_kept_is_only_counted(store: Store) -> None:
    bring(store, spread("a", 3))
    at(store, LATER).move()
    at(store, 3 * HOUR_S, {"": HOUR_S}).expire()

    bring(store, series("a", (5, 100.0)))
    assert [value for *_, value in everything(store)] == [2.0]
    at(store, LATER).move()
    at(store, LATER).merge()

    assert [value for *_, value in everything(store)] == [2.0]
    assert rows(store, "SELECT count FROM sensors") == [(4,)]
    assert rows(
        store, "SELECT hour, sum(count) FROM blocks WHERE data IS NULL GROUP BY hour ORDER BY hour"
    ) == [
        (0, 2),
        (1, 1),
    ]


def test_readings_that_were_deleted_leave_in_steps_and_those_of_today_stay(store: Store) -> None:
    bring(store, spread("a", 450), spread("b", 1))
    at(store, LATER).move()
    with store.writing() as session:
        deleting.delete(session, "a")
    bring(store, series("a", (7, 7.0)))
    at(store, LATER).move()
    assert everything(store) == [(0, "b", 0.0), (7, "a", 7.0)]

    assert at(store, LATER).purge() == 3  # of 200 each

    assert rows(store, "SELECT count(*) FROM blocks") == [(2,)]
    assert everything(store) == [(0, "b", 0.0), (7, "a", 7.0)]
