"""What a transaction of a store promises, on both engines."""

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sampler.backend.store import Session, Store
from tests.backend.store.conftest import Open
from tests.backend.store.things import ADD, NAMES, add, add_all, names


class Refused(Exception):  # noqa: N818 - it says what happens
    """What a room raises."""


def test_a_commit_is_seen_after_the_block_and_not_before(store: Store) -> None:
    with store.writing() as session:
        add(session, "a")
        assert names(store) == []

    assert names(store) == ["a"]


def test_nothing_stays_of_a_block_that_raised(store: Store) -> None:
    with contextlib.suppress(Refused), store.writing() as session:
        add(session, "a")
        raise Refused

    assert names(store) == []
    with store.writing() as session:
        add(session, "b")
    assert names(store) == ["b"]


def test_rows_row_and_stream_give_the_same(store: Store) -> None:
    with store.writing() as session:
        session.run_many(ADD, ({"name": f"{number:05}"} for number in range(5000)))

    with store.reading() as session:
        rows = session.rows("SELECT number, name FROM things WHERE name < :end ORDER BY name", end="04999")
        assert rows[0] == session.row("SELECT number, name FROM things ORDER BY name LIMIT 1")
        assert len(rows) == 4999
        assert (
            list(
                session.stream("SELECT number, name FROM things WHERE name < :end ORDER BY name", end="04999")
            )
            == rows
        )
        assert session.row("SELECT number FROM things WHERE name = :name", name="x") is None


def test_run_says_how_many_rows_it_changed(store: Store) -> None:
    with store.writing() as session:
        assert session.run(ADD, name="a") == 1
        assert session.run("INSERT INTO things (name) VALUES (:name) ON CONFLICT DO NOTHING", name="a") == 0
        add(session, "b", "c")
        assert session.run("UPDATE things SET name = 'x' || name WHERE name > :least", least="a") == 2
        assert session.run("DELETE FROM things WHERE name = :name", name="d") == 0
        assert session.rows("DELETE FROM things RETURNING name") == [("a",), ("xb",), ("xc",)]


def test_percent_signs_colons_and_numbers_in_a_statement_are_what_they_are(store: Store) -> None:
    with store.reading() as session:
        assert session.rows("SELECT 7 % :a1, 'b%' LIKE '%:%', CAST(:b AS TEXT)", a1=4, b="%s:c") == [
            (3, 0, "%s:c")
        ]


def test_a_savepoint_takes_back_its_block_and_nothing_else(store: Store) -> None:
    with store.writing() as session:
        add(session, "a")
        with contextlib.suppress(Refused), session.savepoint():
            add(session, "b")
            raise Refused
        with session.savepoint():
            add(session, "c")

    assert names(store) == ["a", "c"]


def test_a_savepoint_cures_what_the_engine_refused(store: Store) -> None:
    with store.writing() as session:
        add(session, "a")
        with pytest.raises(Exception, match=r"(?i)unique"), session.savepoint():
            add(session, "b", "a")
        add(session, "c")

    assert names(store) == ["a", "c"]


def test_savepoints_within_savepoints_end_each_for_itself(store: Store) -> None:
    with store.writing() as session, session.savepoint():
        add(session, "a")
        with contextlib.suppress(Refused), session.savepoint():
            add(session, "b")
            with session.savepoint():
                add(session, "c")
            raise Refused
        with session.savepoint():
            add(session, "d")

    assert names(store) == ["a", "d"]


def test_what_is_for_later_is_stored_together_at_the_end(store: Store) -> None:
    calls = []

    def sink(session: Session, items: list[str]) -> None:
        calls.append(list(items))
        add_all(session, items)

    with store.writing() as session:
        session.later(sink, "a")
        session.later(sink, "b")
        assert session.rows(NAMES) == []

    assert (calls, names(store)) == ([["a", "b"]], ["a", "b"])


def test_who_settles_sees_what_was_for_later(store: Store) -> None:
    with store.writing() as session:
        session.later(add_all, "a")
        session.settle()
        assert session.rows(NAMES) == [("a",)]
        session.later(add_all, "b")

    assert names(store) == ["a", "b"]


def test_a_sink_may_have_more_for_later(store: Store) -> None:
    def two_steps(session: Session, items: list[str]) -> None:
        for item in items:
            session.later(add_all, f"{item}, the second time")

    with store.writing() as session:
        session.later(two_steps, "a")

    assert names(store) == ["a, the second time"]


def test_a_savepoint_takes_back_what_its_block_had_for_later(store: Store) -> None:
    with store.writing() as session:
        session.later(add_all, "a")
        with contextlib.suppress(Refused), session.savepoint():
            session.later(add_all, "b")
            raise Refused
        session.later(add_all, "c")

    assert names(store) == ["a", "c"]


def test_what_a_taken_back_block_settled_for_others_is_stored_all_the_same(store: Store) -> None:
    with store.writing() as session:
        session.later(add_all, "a")
        with contextlib.suppress(Refused), session.savepoint():
            session.later(add_all, "b")
            session.settle()
            session.later(add_all, "c")
            raise Refused
        with contextlib.suppress(Refused), session.savepoint():
            with session.savepoint():
                session.settle()
            raise Refused

    assert names(store) == ["a"]


def test_a_sink_that_raises_takes_everything_back(store: Store) -> None:
    def refuse(session: Session, items: list[str]) -> None:
        raise Refused

    with pytest.raises(Refused), store.writing() as session:  # noqa: PT012 - it raises at the end of the block
        add(session, "a")
        session.later(refuse, "b")

    assert names(store) == []


def test_an_error_that_was_swallowed_is_never_answered_as_stored(store: Store) -> None:
    answered = False
    with contextlib.suppress(Exception):
        with store.writing() as session:
            add(session, "a")
            with contextlib.suppress(Exception):
                add(session, "a")  # without a savepoint, PostgreSQL gives up the whole transaction here
        answered = True

    assert names(store) == ["a"] * answered
    with store.writing() as session:
        add(session, "b")
    assert names(store) == ["a"] * answered + ["b"]


def test_a_reader_sees_one_instant(store: Store) -> None:
    with store.writing() as session:
        add(session, "a")

    with store.reading() as reader:
        assert reader.rows(NAMES) == [("a",)]
        with store.writing() as session:
            add(session, "b")
        assert reader.rows(NAMES) == [("a",)]

    assert names(store) == ["a", "b"]


def test_a_reader_does_not_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only"), store.reading() as session:
        add(session, "a")

    assert names(store) == []


def test_a_reader_never_waits_for_a_writer(store: Store, another: Open) -> None:
    other = another()
    with store.writing() as session:
        session.run("DELETE FROM things")
        add(session, "a")
        with ThreadPoolExecutor() as pool:
            assert [pool.submit(names, one).result(1) for one in (store, other)] == [[], []]


def test_a_stream_that_is_left_half_way_holds_nothing(store: Store) -> None:
    with store.writing() as session:
        session.run_many(ADD, ({"name": f"{number:05}"} for number in range(5000)))

    with store.reading() as session:
        left = session.stream(NAMES)
        assert next(left) == ("00000",)
    with store.writing() as session:
        session.run("DELETE FROM things")

    assert names(store) == []  # the same connection, and not the view of before
    assert list(left) == []


def test_two_streams_go_side_by_side(store: Store) -> None:
    with store.writing() as session:
        add(session, "a", "b")
        pairs = zip(session.stream(NAMES), session.stream(NAMES), strict=True)
        assert list(pairs) == [(("a",), ("a",)), (("b",), ("b",))]


def test_an_error_of_the_block_is_the_block_s_own(store: Store) -> None:
    for block in (store.reading, store.writing):
        with pytest.raises(OSError, match="of a file that has nothing to do with it"), block():
            raise OSError("of a file that has nothing to do with it")


def test_readers_that_raise_do_not_use_the_store_up(store: Store) -> None:
    for _ in range(100):
        with contextlib.suppress(Refused), store.reading() as session:
            session.rows(NAMES)
            raise Refused

    assert names(store) == []


def test_many_read_at_once(store: Store) -> None:
    together = threading.Barrier(12)

    def read(_: int) -> list[object]:
        with store.reading() as session:
            together.wait(10)
            return list(session.rows(NAMES))

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(read, range(12))) == [[]] * 12


def test_what_was_checked_stays_true_until_the_commit(store: Store, another: Open) -> None:
    """Eight threads of two instances look whether a name is there, and add it if it is not."""
    stores = [store, another()]
    added: list[str] = []

    def check_then_insert(number: int) -> None:
        for name in map(str, range(20)):
            with stores[number % 2].writing() as session:
                if session.row("SELECT 1 FROM things WHERE raw = :raw", raw=name.encode()) is None:
                    session.run("INSERT INTO things (raw) VALUES (:raw)", raw=name.encode())
                    added.append(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(check_then_insert, range(8)))

    assert sorted(added, key=int) == list(map(str, range(20)))
    with store.reading() as session:
        assert session.row("SELECT count(*) FROM things") == (20,)


def test_a_number_is_never_given_twice(store: Store) -> None:
    def number(name: str) -> int:
        with store.writing() as session:
            (given,) = session.rows(f"{ADD} RETURNING number", name=name)[0]
            return int(given)

    first, second = number("a"), number("b")
    with store.writing() as session:
        session.run("DELETE FROM things")

    assert first < second < number("c")


def test_the_store_grows_with_what_is_in_it(store: Store) -> None:
    before = store.size()
    with store.writing() as session:
        session.run("INSERT INTO things (raw) VALUES (:raw)", raw=os.urandom(2**20))

    assert store.size() >= before + 2**20
