"""What became of each measurement, in few rows."""

import random
from itertools import pairwise

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.device.spool import schema
from sampler.device.spool.account import recount
from sampler.device.spool.errors import Damaged
from sampler.device.spool.ledger import Ledger, Range, runs


@pytest.fixture
def db():
    connection = apsw.Connection(":memory:")
    schema.create(connection)
    yield connection
    connection.close()


@pytest.fixture
def ledger(db):
    return Ledger(db)


def test_ranges_that_touch_and_went_the_same_way_are_one(ledger):
    ledger.enter(Range(1, 3, "delivered"))
    ledger.enter(Range(7, 9, "delivered"))
    ledger.enter(Range(4, 6, "delivered"))
    assert list(ledger) == [Range(1, 9, "delivered")]


def test_ranges_that_went_different_ways_stay_apart(ledger):
    ledger.enter(Range(1, 3, "delivered"))
    ledger.enter(Range(4, 4, "dropped", "the spool was full"))
    ledger.enter(Range(5, 5, "dropped", "by hand"))
    assert [len(entry) for entry in ledger] == [3, 1, 1]


def test_ranges_with_a_gap_between_them_stay_apart(ledger):
    ledger.enter(Range(1, 3, "delivered"))
    ledger.enter(Range(5, 6, "delivered"))
    assert len(list(ledger)) == 2


def test_single_numbers_are_entered_in_any_order(ledger):
    ledger.enter_all([3, 1, 2, 9, 2], "delivered")
    assert list(ledger) == [Range(1, 3, "delivered"), Range(9, 9, "delivered")]


def test_a_million_deliveries_newest_ten_first_leave_one_row(ledger, db):
    db.execute("BEGIN")
    for last in range(1_000_000, 0, -10):
        ledger.enter_all(range(last - 9, last + 1), "delivered")
    assert list(ledger) == [Range(1, 1_000_000, "delivered")]


def test_both_copies_say_the_same_after_any_entries(ledger, db):
    numbers = list(range(1, 200))
    random.Random(1).shuffle(numbers)
    for number in numbers:
        ledger.enter(
            Range(number, number, "dropped", "even")
            if number % 2 == 0
            else Range(number, number, "delivered")
        )
    assert db.execute("SELECT * FROM ledger").fetchall() == db.execute("SELECT * FROM ledger_copy").fetchall()


def test_a_range_that_is_not_what_was_written_is_not_believed(ledger, db):
    ledger.enter(Range(1, 3, "delivered"))
    db.execute("UPDATE ledger SET last = 4")
    with pytest.raises(Damaged):
        list(ledger)


@given(st.sets(st.integers(1, 60)))
def test_runs_hold_each_number_once_and_leave_gaps_between_them(numbers):
    found = list(runs(numbers))
    assert [number for first, last in found for number in range(first, last + 1)] == sorted(numbers)
    assert all(after[0] - before[1] > 1 for before, after in pairwise(found))


def test_an_account_balances_if_each_number_is_somewhere_once():
    account = recount(
        6,
        [Range(1, 2, "delivered"), Range(4, 4, "dropped", "by hand")],
        [(3, "waiting"), (5, "held"), (6, "set_aside")],
    )
    assert (account.delivered, account.waiting, account.held, account.set_aside, account.dropped) == (
        2,
        2,
        1,
        1,
        1,
    )
    assert account.balanced


def test_an_account_names_what_is_missing():
    account = recount(9, [Range(3, 4, "delivered")], [(7, "waiting")])
    assert account.missing == [(1, 2), (5, 6), (8, 9)]
    assert not account.balanced


def test_an_account_names_what_is_there_twice():
    account = recount(4, [Range(1, 3, "delivered")], [(2, "waiting"), (4, "waiting")])
    assert account.doubled == [(2, 2)]
    assert not account.balanced


def test_a_number_that_was_never_given_out_does_not_balance():
    assert not recount(2, [Range(1, 2, "delivered")], [(3, "waiting")]).balanced
