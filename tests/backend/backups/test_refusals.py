"""What is not copied, with the words that say why, and that nothing was changed."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from sampler.backend.store.opening import open_store
from tests.backend.backups.typing_commands import add_measurement, content, done, refused


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup of a thousand measurements."""
    database = f"sqlite:///{tmp_path}/origin.db"
    with contextlib.closing(open_store(database)) as store, store.writing() as session:
        for received in range(1000):
            add_measurement(session, received)
    done("backup", tmp_path / "backup.db", database=database)
    return tmp_path / "backup.db"


def changed(backup: Path, statement: str) -> None:
    connection = apsw.Connection(str(backup))
    connection.execute(statement)
    connection.close()


def a_bit_flipped(backup: Path) -> None:
    """In a name, where SQLite itself cannot know better."""
    content = bytearray(backup.read_bytes())
    content[content.rindex(b"kitchen")] ^= 1
    backup.write_bytes(content)


def a_page_of_zeros(backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[3 * 4096 : 4 * 4096] = bytes(4096)
    backup.write_bytes(content)


def cut_off(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:20_000])


def a_row_gone(backup: Path) -> None:
    changed(backup, "DELETE FROM measurements WHERE received = 500")


def a_value_changed(backup: Path) -> None:
    changed(backup, "UPDATE measurements SET max = 1.4 WHERE received = 500")


def a_table_gone(backup: Path) -> None:
    changed(backup, "DROP TABLE answers")


def a_table_more(backup: Path) -> None:
    """Whose name would end a statement, and begin another one."""
    changed(backup, 'CREATE TABLE "x""; DELETE FROM migrations; --" (a)')
    changed(
        backup,
        """INSERT INTO backup_tables SELECT 'x"; DELETE FROM migrations; --', 0, NULL, checksum
        FROM backup_tables LIMIT 1""",
    )


def another_column(backup: Path) -> None:
    changed(backup, 'ALTER TABLE answers RENAME COLUMN status TO "status) SELECT 1; --"')


def a_version_to_come(backup: Path) -> None:
    """With a name that would clear the terminal."""
    changed(backup, "UPDATE backup SET schema = 9999, version = char(27) || '[2J2.0'")


def no_database(backup: Path) -> None:
    backup.write_text("letters " * 1000)


def a_live_one(backup: Path) -> None:
    shutil.copy(backup.with_name("origin.db"), backup)


def nothing_at_all(backup: Path) -> None:
    backup.write_bytes(b"")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (a_bit_flipped, "its 1000 rows of measurements are not the 1000 that were written"),
        (a_page_of_zeros, "it is damaged, take another backup"),
        (cut_off, "it cannot be read: "),
        (a_row_gone, "its 999 rows of measurements are not the 1000 that were written"),
        (a_value_changed, "its 1000 rows of measurements are not the 1000"),
        (a_table_gone, "it was changed since it was made"),
        (a_table_more, "its tables are not those of a backup with schema number"),
        (another_column, "its tables are not those of a backup with schema number"),
        (a_version_to_come, "restore it with version \ufffd[2J2.0, which made it, or a newer one"),
        (no_database, "it cannot be read: "),
        (a_live_one, "it is no backup: name a file that `sampler backend backup` has written"),
        (nothing_at_all, "it is no backup"),
    ],
)
def test_what_is_not_whole_is_not_restored(
    backup: Path, tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    harm(backup)

    assert words in refused("restore", backup, database=f"sqlite:///{tmp_path}/target.db")
    assert not list(tmp_path.glob("target.db*"))


def test_a_file_that_was_there_stays_though_nothing_is_restored_into_it(backup: Path, tmp_path: Path) -> None:
    a_value_changed(backup)
    (tmp_path / "target.db").touch()

    assert "nothing was restored" in refused("restore", backup, database=f"sqlite:///{tmp_path}/target.db")
    assert (tmp_path / "target.db").exists()


def test_a_restore_that_finds_damage_at_its_end_has_done_nothing(backup: Path, target: str) -> None:
    open_store(target).close()
    before = content(target)
    a_value_changed(backup)

    assert "nothing was restored" in refused("restore", backup, database=target)
    assert content(target) == before


def test_a_database_with_data_is_left_alone(backup: Path, target: str) -> None:
    with contextlib.closing(open_store(target)) as store, store.writing() as session:
        session.run("INSERT INTO answers VALUES ('s', 'k', :f, 200, 'm', :f, 0)", f=b"")
    before = content(target)

    words = refused("restore", backup, database=target)

    assert "there is data already (in answers), and restoring never overwrites: name a new database" in words
    assert content(target) == before


def test_a_file_that_is_there_is_not_overwritten(source: str, tmp_path: Path) -> None:
    open_store(source).close()
    (tmp_path / "backup.db").write_text("a letter")

    words = refused("backup", tmp_path / "backup.db", database=source)

    assert words == f"Error: {tmp_path}/backup.db is there already and stays as it is: name another"
    assert (tmp_path / "backup.db").read_text() == "a letter"


def test_a_database_that_no_backend_has_used_is_not_backed_up(source: str, tmp_path: Path) -> None:
    (tmp_path / "0").mkdir()
    (tmp_path / "0/backend.db").touch()

    words = refused("backup", tmp_path / "backup.db", database=source)

    assert (
        words
        == "Error: no backup was made: there is nothing to back up: no backend has used this database yet"
    )
    assert not list(tmp_path.glob("backup.db*"))


def test_a_mistyped_name_is_not_made_into_a_database(tmp_path: Path) -> None:
    words = refused("backup", tmp_path / "backup.db", database=f"sqlite:///{tmp_path}/bakend.db")

    assert words.startswith("Error: no backup was made: there is no database ")
    assert list(tmp_path.iterdir()) == []


def test_another_programs_database_is_no_place_to_restore_into(backup: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    changed(other, "CREATE TABLE migrations (batch)")

    assert "is some other program's database" in refused("restore", backup, database=f"sqlite:///{other}")


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/backend.db"
    open_store(database).close()

    words = refused("backup", tmp_path / "nowhere" / "backup.db", database=database)

    assert words.startswith("Error: no backup was made: [Errno 2] No such file or directory")
