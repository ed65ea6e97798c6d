"""The ledger's table, on both engines."""

from dataclasses import replace

import pytest

from sampler.backend.store import Store
from sampler.backend.store import receipts as table
from sampler.backend.store.receipts import Receipt, Wanted

ONE = Receipt(1000, "POST", "/data", "/data", 400, "device kitchen", "why", b"\x00\xff", "n-1")
ALL = Wanted(limit=100)


def keep(store: Store, *receipts: Receipt) -> None:
    with store.writing() as session:
        table.add(session, receipts)


def find(store: Store, wanted: Wanted = ALL) -> list[Receipt]:
    with store.reading() as session:
        return [receipt for _, receipt in table.find(session, wanted)]


def test_a_receipt_comes_back_as_it_was(store: Store) -> None:
    anonymous = replace(ONE, who=None, at=999)

    keep(store, ONE, anonymous)

    assert find(store) == [ONE, anonymous]


def test_the_newest_come_first_and_of_one_instant_the_last(store: Store) -> None:
    keep(store, *(replace(ONE, at=at, reason=str(number)) for number, at in enumerate([5, 9, 5, 7])))

    assert [receipt.reason for receipt in find(store)] == ["1", "3", "2", "0"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(9, start=2), "bc"),
        (Wanted(9, end=2), "a"),
        (Wanted(9, start=2, end=3), "b"),
        (Wanted(9, endpoint="/data"), "ac"),
        (Wanted(9, who="customer 7"), "b"),
        (Wanted(9, status=403), "c"),
        (Wanted(9, endpoint="/data", status=400), "a"),
        (Wanted(1), "c"),
        (Wanted(0), ""),
        (Wanted(9, who=""), ""),
    ],
)
def test_only_what_is_asked_for_is_given(store: Store, wanted: Wanted, found: str) -> None:
    keep(
        store,
        replace(ONE, reason="a", at=1),
        replace(ONE, reason="b", at=2, endpoint="/", who="customer 7"),
        replace(ONE, reason="c", at=3, status=403),
    )

    assert "".join(sorted(receipt.reason for receipt in find(store, wanted))) == found


def test_a_page_begins_before_the_last_place_of_the_one_before(store: Store) -> None:
    keep(store, *(replace(ONE, at=5, reason=str(number)) for number in range(3)))
    with store.reading() as session:
        first = table.find(session, Wanted(2))
        rest = table.find(session, Wanted(2, before=first[-1][0]))

    assert [receipt.reason for _, receipt in first + rest] == ["2", "1", "0"]


def test_only_the_newest_are_kept_and_none_that_is_too_old(store: Store) -> None:
    keep(store, *(replace(ONE, at=at) for at in (10, 20, 30, 40)))

    with store.writing() as session:
        assert table.trim(session, newest=3, before=25, many=100) == 2  # 10 is surplus, 20 is old

    assert [receipt.at for receipt in find(store)] == [40, 30]


def test_they_are_thrown_away_a_few_at_a_time(store: Store) -> None:
    keep(store, *(replace(ONE, at=at) for at in range(10)))

    with store.writing() as session:
        counts = [table.trim(session, newest=2, before=0, many=3) for _ in range(4)]

    assert counts == [3, 3, 2, 0]
    assert [receipt.at for receipt in find(store)] == [9, 8]
