"""What a backup holds, and what becomes of it: everything, from either engine into either."""

import contextlib
import stat
from pathlib import Path

import apsw

from sampler.backend.store import migrations
from sampler.backend.store.opening import open_store
from tests.backend.backups.conftest import NewDatabase
from tests.backend.backups.typing_commands import (
    add_measurement,
    content,
    done,
    fill_every_table,
    names,
    refused,
)


def test_every_row_of_every_table_goes_from_either_engine_into_either(
    source: str, target: str, tmp_path: Path
) -> None:
    with contextlib.closing(open_store(source)) as store:
        fill_every_table(store)
    before = content(source)
    assert [name for name, rows in before.items() if not rows] == []

    done("backup", tmp_path / "backup.db", database=source)
    words = done("restore", tmp_path / "backup.db", database=target)

    assert content(target) == before
    assert "to see that the statistics are what the readings say: sampler backend verify" in words


def test_the_backup_names_every_table_that_the_engine_has(source: str, tmp_path: Path) -> None:
    with contextlib.closing(open_store(source)) as store, store.reading() as session:
        there = names(session, store.dialect)

    done("backup", tmp_path / "backup.db", database=source)

    backup = apsw.Connection(str(tmp_path / "backup.db"))
    assert {name for (name,) in backup.execute("SELECT name FROM backup_tables")} == there
    backup.close()


def test_a_backup_is_itself_a_database_that_a_backend_can_use(source: str, tmp_path: Path) -> None:
    with contextlib.closing(open_store(source)) as store, store.writing() as session:
        add_measurement(session, received=1)
    done("backup", tmp_path / "backup.db", database=source)

    assert content(f"sqlite:///{tmp_path}/backup.db").items() >= content(source).items()


def test_numbers_go_on_after_the_highest_that_was_ever_given(
    source: str, target: str, tmp_path: Path
) -> None:
    with contextlib.closing(open_store(source)) as store, store.writing() as session:
        for received in (1, 2, 3):
            add_measurement(session, received)
        session.run("DELETE FROM measurements WHERE received > 1")
    done("backup", tmp_path / "backup.db", database=source)
    done("restore", tmp_path / "backup.db", database=target)

    with contextlib.closing(open_store(target)) as store, store.writing() as session:
        add_measurement(session, received=4)
        assert session.rows("SELECT number FROM measurements ORDER BY number") == [(1,), (4,)]


def test_a_backup_is_for_its_owners_eyes_and_leaves_nothing_else_behind(source: str, tmp_path: Path) -> None:
    open_store(source).close()
    folder = tmp_path / "backups"
    folder.mkdir()
    done("backup", folder / "backup.db", database=source)

    assert [file.name for file in folder.iterdir()] == ["backup.db"]
    assert stat.S_IMODE((folder / "backup.db").stat().st_mode) == 0o600


def test_an_older_schema_is_backed_up_as_it_is_and_brought_up_to_date_by_restoring(
    new_database: NewDatabase, target: str, tmp_path: Path
) -> None:
    old = new_database("sqlite")
    with contextlib.closing(open_store(old)) as store, store.writing() as session:
        for (name,) in session.rows(store.dialect.tables):
            session.run(f'DROP TABLE "{name}"')
        migrations.apply(session, store.dialect, upto=2)
        add_measurement(session, received=1)
    done("backup", tmp_path / "backup.db", database=old)
    done("restore", tmp_path / "backup.db", database=target)

    with contextlib.closing(open_store(old, as_it_is=True)) as store, store.reading() as session:
        assert migrations.applied(session) == [1, 2]
    with contextlib.closing(open_store(target, as_it_is=True)) as store, store.reading() as session:
        assert migrations.applied(session) == [step.number for step in migrations.known()]
        assert session.rows("SELECT received FROM measurements") == [(1,)]


def test_a_schema_newer_than_the_program_is_refused_both_ways(
    source: str, target: str, tmp_path: Path
) -> None:
    with contextlib.closing(open_store(source)) as store, store.writing() as session:
        done("backup", tmp_path / "older.db", database=source)
        session.run("INSERT INTO migrations VALUES (9999, 'tomorrow', 0)")
    backup = apsw.Connection(str(tmp_path / "older.db"))
    backup.execute("UPDATE backup SET schema = 9999, version = '9.9'")
    backup.close()

    words = refused("backup", tmp_path / "backup.db", database=source)
    assert words.startswith(
        "Error: no backup was made: its schema is number 9999 and this version of sampler knows"
    )
    assert not (tmp_path / "backup.db").exists()
    words = refused("restore", tmp_path / "older.db", database=target)
    assert words.endswith("restore it with version 9.9, which made it, or a newer one")
