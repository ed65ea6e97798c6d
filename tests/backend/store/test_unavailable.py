"""What a store says, and how soon, when the database cannot be had; and that service resumes by itself."""

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import apsw
import psycopg
import pytest

from sampler.backend.settings import database_path, is_shared
from sampler.backend.store import Store, StoreUnavailable
from sampler.backend.store.opening import open_store
from tests.backend.store.conftest import Open, with_things
from tests.backend.store.things import NAMES, add, names
from tests.faulty_proxy import FaultyProxy
from tests.postgresql import PostgresqlServer, reason_for_no_postgresql

SOON_S = 9  # twice what it takes on an idle machine


@contextlib.contextmanager
def unavailable(words: str = "") -> Iterator[None]:
    """It says so, and soon."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match=words):
        yield
    assert time.monotonic() - began < SOON_S


@contextlib.contextmanager
def locked(url: str) -> Iterator[None]:
    """Hold the lock that writers take turns by."""
    if not is_shared(url):
        with contextlib.closing(apsw.Connection(str(database_path(url)))) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_advisory_xact_lock(x'53616D42'::int)")
        yield


@pytest.mark.real
def test_a_writer_that_never_ends_holds_up_others_for_seconds_and_readers_not_at_all(
    store: Store, database_url: str
) -> None:
    with locked(database_url):
        with unavailable("lock"), store.writing():
            pass
        assert names(store) == []

    with store.writing() as session:
        add(session, "a")
    assert names(store) == ["a"]


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresqlServer]:
    """A server to be maltreated."""
    if reason := reason_for_no_postgresql():
        pytest.skip(reason)
    with PostgresqlServer() as server:
        yield server


@pytest.fixture
def url(own_server: PostgresqlServer) -> Iterator[str]:
    with own_server.new_database() as url:
        yield url


@pytest.fixture
def shared(url: str) -> Iterator[Store]:
    """A store over that server, in which something is stored and read already."""
    with contextlib.closing(with_things(open_store(url))) as store:
        with store.writing() as session:
            add(session, "before")
        assert names(store) == ["before"]
        yield store


def both_unavailable(store: Store, words: str) -> None:
    """Writing and reading, at once."""

    def tried(block: AbstractContextManager[object]) -> None:
        with unavailable(words), block:
            pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tried, [store.writing(), store.reading()]))


def test_a_restart_of_the_server_is_not_even_noticed(own_server: PostgresqlServer, shared: Store) -> None:
    own_server.stop()
    own_server.start()

    assert names(shared) == ["before"]
    with shared.writing() as session:
        add(session, "after")
    assert names(shared) == ["before", "after"]


def test_a_server_that_is_gone_is_told_of_and_used_when_it_is_back(
    own_server: PostgresqlServer, shared: Store
) -> None:
    own_server.kill()
    for _ in range(2):
        both_unavailable(shared, "refused|closed")

    own_server.start()
    with shared.writing() as session:
        add(session, "after")
    assert names(shared) == ["before", "after"]


@pytest.mark.real
def test_a_server_that_stands_still_is_not_waited_for(own_server: PostgresqlServer, shared: Store) -> None:
    own_server.suspend()
    try:
        both_unavailable(shared, "does not answer")
        both_unavailable(shared, "timeout")
    finally:
        own_server.resume()

    with shared.writing() as session:
        add(session, "after")
    assert names(shared) == ["before", "after"]


@pytest.mark.real
def test_a_server_that_stands_still_at_the_commit_leaves_it_open_what_is_stored(
    own_server: PostgresqlServer, shared: Store
) -> None:
    try:
        with unavailable("does not answer"), shared.writing() as session:
            add(session, "once")
            own_server.suspend()
    finally:
        own_server.resume()

    # The repetition finds it, or not, and need not care.
    with shared.writing() as session:
        if session.row("SELECT 1 FROM things WHERE name = :name", name="once") is None:
            add(session, "once")
    assert names(shared) == ["before", "once"]


@pytest.fixture
def proxy(own_server: PostgresqlServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(own_server.port) as proxy:
        yield proxy


def test_a_commit_whose_answer_is_lost_is_stored_though_nobody_knows(
    shared: Store, url: str, proxy: FaultyProxy, own_server: PostgresqlServer
) -> None:
    through_it = url.replace(str(own_server.port), str(proxy.port))
    with contextlib.closing(open_store(through_it)) as store:
        with unavailable("closed|reset"), store.writing() as session:
            add(session, "once")
            proxy.switch("reset_after_request")
        proxy.switch("ok")

        with store.reading() as session:
            assert session.rows(NAMES) == [("before",), ("once",)]


@pytest.mark.real
def test_a_network_that_swallows_everything_is_not_waited_for(
    shared: Store, url: str, proxy: FaultyProxy, own_server: PostgresqlServer
) -> None:
    through_it = url.replace(str(own_server.port), str(proxy.port))
    with contextlib.closing(open_store(through_it)) as store:
        proxy.switch("blackhole")
        both_unavailable(store, "does not answer")
        proxy.switch("ok")

        assert names(store) == ["before"]


@pytest.mark.real
def test_a_statement_that_takes_long_on_a_living_server_is_waited_for(shared: Store) -> None:
    with shared.reading() as session:
        assert session.row("SELECT 1 FROM pg_sleep(5)") == (1,)


def test_a_connection_that_is_lost_in_a_transaction_leaves_nothing_of_it(shared: Store, url: str) -> None:
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
    with unavailable("terminat|closed"), shared.writing() as session:
        add(session, "a")
        with psycopg.connect(url) as administrator:
            administrator.execute(end_all, [administrator.info.dbname])

    assert names(shared) == ["before"]


def test_an_instance_that_stands_still_in_a_transaction_loses_it_to_the_others(
    shared: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "sampler.backend.store.postgresql._AS_WRITER", "SET idle_in_transaction_session_timeout = '1s'"
    )
    began, may_go_on = threading.Event(), threading.Event()
    with contextlib.closing(open_store(url)) as sleepy:

        def sleep_in_a_transaction() -> None:
            with unavailable("idle"), sleepy.writing() as session:
                add(session, "sleepy")
                began.set()
                may_go_on.wait(10)

        sleeper = threading.Thread(target=sleep_in_a_transaction)
        sleeper.start()
        began.wait(10)
        with shared.writing() as session:  # after a second
            add(session, "awake")
        may_go_on.set()
        sleeper.join()

    assert names(shared) == ["before", "awake"]


def test_a_server_that_only_reads_can_be_read(shared: Store, url: str, own_server: PostgresqlServer) -> None:
    name = url.rpartition("/")[2]
    own_server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    own_server.stop()
    own_server.start()

    with unavailable("read-only"), shared.writing() as session:
        add(session, "a")
    assert names(shared) == ["before"]

    own_server.execute(f"ALTER DATABASE {name} RESET ALL")
    with shared.writing() as session:
        add(session, "b")
    assert names(shared) == ["before", "b"]


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_the_server_s_own_idea_of_isolation_changes_nothing(
    own_server: PostgresqlServer, url: str, level: str
) -> None:
    own_server.execute(
        f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_isolation = '{level}'"
    )
    with (
        contextlib.closing(with_things(open_store(url))) as one,
        contextlib.closing(open_store(url)) as other,
    ):
        seen = []

        def look() -> None:
            with other.writing() as session:
                seen.append(session.rows(NAMES))

        with one.writing() as session:
            add(session, "a")
            waiting = threading.Thread(target=look)
            waiting.start()
            until_it_waits(own_server, waiting)
        waiting.join()

    assert seen == [[("a",)]]


def until_it_waits(server: PostgresqlServer, thread: threading.Thread) -> None:
    with psycopg.connect(server.url(), autocommit=True) as observer:
        while not observer.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            assert thread.is_alive()
            time.sleep(0.01)


def test_when_too_many_read_the_next_one_is_told(shared: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampler.backend.store.postgresql.PATIENCE_S", 0.05)
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(shared.reading())
        with unavailable("too many read at once"), shared.reading():
            pass

    assert names(shared) == ["before"]


def test_another_instance_s_new_columns_do_not_end_the_service(shared: Store, another_of: Open) -> None:
    for _ in range(10):  # by now the server has a plan for it
        with shared.reading() as session:
            session.rows("SELECT * FROM things")
    with another_of().writing() as session:
        session.run("ALTER TABLE things ADD COLUMN colour TEXT")

    with contextlib.suppress(StoreUnavailable), shared.reading() as session:
        session.rows("SELECT * FROM things")
    with shared.reading() as session:
        assert len(session.rows("SELECT * FROM things")[0]) == 6


@pytest.fixture
def another_of(url: str) -> Iterator[Open]:
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(contextlib.closing(open_store(url)))
