"""What start-up says of a database that it cannot use: a sentence with the cure, and never a password."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import psycopg
import pytest
from click.testing import CliRunner

from sampler.backend.command import backend
from sampler.backend.settings import CannotStart
from sampler.backend.store.opening import open_store
from tests.postgresql import PostgresqlServer, reason_for_no_postgresql


@pytest.fixture
def url(postgresql: PostgresqlServer) -> Iterator[str]:
    with postgresql.new_database() as url:
        yield url


def refusal(url: str) -> str:
    with pytest.raises(CannotStart) as refused:
        open_store(url).close()
    return str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://sampler:geh@im@127.0.0.1:1/sampler",
        "postgresql://sampler:geh/im@127.0.0.1:1/sampler",
        "postgresql://sampler:12/geh@127.0.0.1:1/sampler",
        "postgresql://sampler:geh%im@127.0.0.1:1/sampler",
        "postgresql://sampler:geh:im@127.0.0.1:1/sampler",
        "postgresql://sampler:geh?im=#@127.0.0.1:1/sampler",
        "postgresql://sampler@127.0.0.1:1/sampler?password=geh&im",
    ],
)
def test_no_word_of_a_password_is_told(url: str) -> None:
    told = refusal(url)

    assert "geh" not in told
    assert "im@" not in told
    assert "the URL cannot be read" in told or "refused" in told


def test_a_password_that_is_wrong_is_not_told(postgresql: PostgresqlServer, url: str) -> None:
    with pytest.raises(CannotStart) as refused:
        open_store(url.replace("postgres@", "nobody:geheim@")).close()

    assert 'role "nobody" does not exist' in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_a_database_that_does_not_exist_is_named(postgresql: PostgresqlServer) -> None:
    assert 'database "nowhere" does not exist' in refusal(postgresql.url("nowhere"))


def test_a_server_that_is_not_there_is_told_of_in_one_line() -> None:
    told = refusal("postgresql://127.0.0.1:1/sampler")

    assert "\n" not in told
    assert told.endswith("; see to the server, or name another with --database")


def test_a_user_without_the_right_to_make_the_schema_is_told(postgresql: PostgresqlServer, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute("DROP ROLE IF EXISTS guest")
        administrator.execute("CREATE ROLE guest LOGIN")

    assert "permission denied for database" in refusal(url.replace("postgres@", "guest@"))


def test_a_database_that_cannot_hold_every_text_is_refused(postgresql: PostgresqlServer) -> None:
    postgresql.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        assert "the database's encoding is LATIN1" in refusal(postgresql.url("latin"))
    finally:
        postgresql.execute("DROP DATABASE latin")


@pytest.mark.real
def test_a_server_that_does_not_sync_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    if reason := reason_for_no_postgresql():
        pytest.skip(reason)
    with (
        PostgresqlServer("-c", "fsync=off") as server,
        contextlib.closing(open_store(server.url())) as store,
        store.writing(),
        store.reading(),
    ):
        pass

    (warning,) = caplog.messages
    assert warning == "the database's server runs with fsync=off: a power cut there loses what was answered"


def test_a_server_that_syncs_is_not_spoken_of(url: str, caplog: pytest.LogCaptureFixture) -> None:
    open_store(url).close()

    assert not caplog.messages


def test_instances_that_start_at_once_make_the_schema_once(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(database_url), range(4)))
    with contextlib.ExitStack() as stack:
        for store in stores:
            stack.enter_context(contextlib.closing(store))
        with stores[0].reading() as session:
            numbers = session.rows("SELECT number FROM migrations ORDER BY number")

    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 2


def test_some_other_program_s_file_is_left_alone(tmp_path: Path) -> None:
    with contextlib.closing(apsw.Connection(str(tmp_path / "other.db"))) as other:
        other.execute("CREATE TABLE theirs (a)")
    before = (tmp_path / "other.db").read_bytes()

    assert "some other program's database" in refusal(f"sqlite:///{tmp_path / 'other.db'}")
    assert (tmp_path / "other.db").read_bytes() == before


@pytest.mark.parametrize(
    "place", ["sampler:geheim@127.0.0.1/x", "sampler:ge@heim@127.0.0.1/x", "/x?password=geheim"]
)
def test_a_password_on_the_command_line_is_refused_and_in_the_environment_is_not(place: str) -> None:
    url = f"postgresql://{place}".replace("127.0.0.1", "127.0.0.1:1")
    on_the_line = CliRunner().invoke(backend, ["migrate", "--database", url])
    in_the_environment = CliRunner().invoke(backend, ["migrate"], env={"DATABASE_URL": url, "PGPORT": "1"})

    assert on_the_line.exit_code == 2
    assert "everybody on this machine could read the password" in " ".join(on_the_line.output.split())
    assert in_the_environment.exit_code == 1
    assert "heim" not in on_the_line.output + in_the_environment.output
