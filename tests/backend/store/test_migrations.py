"""Steps of the schema: all of them or none, once, forwards only; and the command that tells of them."""

import contextlib
from pathlib import Path
from string import Template

import apsw
import pytest
from click.testing import CliRunner, Result

from sampler.backend import command
from sampler.backend.settings import CannotStart, database_path, is_shared
from sampler.backend.store import measurements, migrations
from sampler.backend.store.measurements import Measurement, Range
from sampler.backend.store.migrations import Migration
from sampler.backend.store.opening import open_store

NEWEST = migrations.known()[-1].number
VERSION_0_1_0 = """
PRAGMA application_id = 1398893890;
PRAGMA journal_mode = WAL;
CREATE TABLE measurements (
    number   INTEGER PRIMARY KEY,
    device   TEXT NOT NULL,
    key      TEXT,
    start    INTEGER NOT NULL,
    "end"    INTEGER NOT NULL,
    min      REAL NOT NULL,
    max      REAL NOT NULL,
    average  REAL NOT NULL,
    quality  BLOB,
    received INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX measurements_identity ON measurements (device, key) WHERE key IS NOT NULL;
CREATE INDEX measurements_start ON measurements (start, number);
CREATE TABLE touched (one INTEGER PRIMARY KEY CHECK (one = 1), times INTEGER NOT NULL) STRICT;
INSERT INTO touched VALUES (1, 41);
INSERT INTO measurements VALUES (7, 'kitchen', 'a-1', 10, 20, -1.5, 2.5, 0.25, X'7B7D', 1600000000);
INSERT INTO measurements VALUES (8, '', NULL, 20, 30, 1.0, 1.0, 1.0, NULL, 1600000001);
"""


def migrate(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(command.backend, ["migrate", *arguments], env={"DATABASE_URL": url})


def tables(url: str) -> set[str]:
    with contextlib.closing(open_store(url, as_it_is=True)) as store, store.reading() as session:
        return {name for (name,) in session.rows(store.dialect.tables)}


def note_a_newer_step(url: str) -> None:
    with contextlib.closing(open_store(url)) as store, store.writing() as session:
        session.run("INSERT INTO migrations VALUES (9000, 'from the future', 1)")


def test_a_database_of_version_0_1_0_keeps_its_rows(tmp_path: Path) -> None:
    with contextlib.closing(apsw.Connection(str(tmp_path / "old.db"))) as old:
        for _ in old.execute(VERSION_0_1_0):
            pass

    with contextlib.closing(open_store(f"sqlite:///{tmp_path / 'old.db'}")) as store:
        with store.reading() as session:
            kitchen, unnamed = measurements.find(session, Range(limit=10))
        assert (kitchen.number, kitchen.device, kitchen.key, kitchen.received) == (
            7,
            "kitchen",
            "a-1",
            1600000000,
        )
        assert kitchen.measurement == Measurement(10, 20, -1.5, 2.5, 0.25, b"{}")
        assert (unnamed.number, unnamed.device, unnamed.key) == (8, "", None)
        with store.reading() as session:
            assert migrations.applied(session)[-1] == NEWEST


def test_every_step_has_a_number_of_its_own() -> None:
    numbers = [step.number for step in migrations.known()]
    assert numbers == sorted(set(numbers))


def test_a_newer_schema_is_refused_with_what_to_do(database_url: str) -> None:
    note_a_newer_step(database_url)

    with pytest.raises(CannotStart) as refused:
        open_store(database_url)
    assert str(refused.value) == (
        f"the database cannot be used: its schema is number 9000 and this version of sampler knows {NEWEST}: "
        "install the version that wrote it, or restore a backup from before"
    )


def test_a_step_that_fails_half_way_leaves_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = migrations.known()
    first = Migration(9001, "first", Template("CREATE TABLE first (a $int) $strict;\n"))
    second = Migration(
        9002, "second", Template("CREATE TABLE second (a $int) $strict;\nDROP TABLE no_such_table;\n")
    )
    open_store(database_url).close()
    before = tables(database_url)

    monkeypatch.setattr(migrations, "known", lambda: [*known, first, second])
    with pytest.raises(Exception, match="no_such_table"):
        open_store(database_url)
    assert tables(database_url) == before

    monkeypatch.setattr(migrations, "known", lambda: [*known, first])
    open_store(database_url).close()
    assert tables(database_url) == before | {"first"}


def test_check_lists_what_is_outstanding_and_changes_nothing(database_url: str, tmp_path: Path) -> None:
    if not is_shared(database_url):
        with contextlib.closing(apsw.Connection(str(database_path(database_url)))) as old:
            old.execute("PRAGMA application_id = 1398893890; CREATE TABLE touched (one INTEGER)")
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    there = tables(database_url)

    result = migrate(database_url, "--check")

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"outstanding: {step.number:04} {step.name}" for step in migrations.known()
    ]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files
    assert tables(database_url) == there


def test_migrate_takes_the_steps_once_and_check_agrees(database_url: str) -> None:
    first, check, second = migrate(database_url), migrate(database_url, "--check"), migrate(database_url)

    assert first.exit_code == check.exit_code == second.exit_code == 0
    assert first.output.startswith("applied: 0001 measurements\napplied: 0002 answers\n")
    assert check.output == second.output == "the database is up to date\n"


def test_check_leaves_no_file_behind(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'b.db'}")
    migrate(f"sqlite:///{tmp_path / 'b.db'}", "--check")

    assert [path.name for path in tmp_path.iterdir()] == ["b.db"]


def test_check_works_beside_a_running_backend(database_url: str) -> None:
    with contextlib.closing(open_store(database_url)) as store, store.writing():
        assert migrate(database_url, "--check").exit_code == 0


def test_check_and_migrate_refuse_a_newer_schema(database_url: str) -> None:
    note_a_newer_step(database_url)

    for arguments in (["--check"], []):
        result = migrate(database_url, *arguments)
        assert result.exit_code == 1
        assert "Error: the database cannot be used: its schema is number 9000" in result.output


@pytest.mark.parametrize(
    "words",
    ["customers list", "blacklist list", "tokens list", "users list", "receipts", "verify", "export",
     "customers add 5 Shop", "tokens revoke kitchen"],
)  # fmt: skip
def test_every_command_refuses_a_newer_schema_in_one_sentence(database_url: str, words: str) -> None:
    note_a_newer_step(database_url)

    result = CliRunner().invoke(command.backend, words.split(), env={"DATABASE_URL": database_url})

    assert (result.exit_code, result.stdout) == (1, "")
    (told,) = result.stderr.splitlines()
    assert told.startswith("Error: ")
    assert "its schema is number 9000 and this version of sampler knows" in told


def test_check_makes_no_database(tmp_path: Path) -> None:
    result = migrate(f"sqlite:///{tmp_path / 'none' / 'b.db'}", "--check")

    assert result.exit_code == 1
    assert "there is no database" in result.output
    assert "name another with --database, or start the backend first" in result.output
    assert list(tmp_path.iterdir()) == []
