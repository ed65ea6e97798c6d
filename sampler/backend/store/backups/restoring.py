"""Reads a backup into an empty store: all of it in one transaction, or nothing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import apsw

from sampler.backend.store import Session, Store, StoreUnavailable, migrations
from sampler.backend.store.backups import CannotCopy, manifest
from sampler.backend.store.backups.manifest import Checksum, Content, Manifest
from sampler.backend.store.backups.tables import HOUSEKEEPING, Table, tables
from sampler.backend.store.backups.writing import Copied
from sampler.backend.store.dialect import Dialect
from sampler.backend.store.sqlite import DIALECT
from sampler.backend.store.sqlite_session import SqliteSession


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[Session, Manifest]]:
    """Open a backup and give what it says of itself, after a look at its structure. Raises CannotCopy."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error as error:
        raise CannotCopy(f"it cannot be read: {error}") from error
    with contextlib.closing(connection):
        session = SqliteSession(connection, path)
        try:
            connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
            _see_that_it_is_sound(session)
            found = manifest.read(session)
            _see_that_it_is_known(found)
            _see_that_its_tables_are_ours(session, found)
            yield session, found
        finally:
            session.leave_streams()


def restore(backup: Session, found: Manifest, store: Store, copied: Copied) -> None:
    """Fill the store with what the backup holds, and bring it up to this version's schema.

    Raises StoreUnavailable, CannotCopy if there is data already or the backup is damaged, NewerSchema.
    """
    with store.writing() as session:
        _clear(session, store.dialect)
        migrations.apply(session, store.dialect, upto=found.schema)
        for table in manifest.copied(backup):
            _fill(session, table, backup, found.contents[table.name], copied)
            _go_on_after(session, table, found.contents[table.name].last, store.dialect)
        migrations.apply(session, store.dialect)


def _see_that_it_is_sound(session: Session) -> None:
    try:
        found = session.rows("PRAGMA integrity_check(1)")
    except StoreUnavailable as error:
        raise CannotCopy(f"it cannot be read: {error}") from error
    if found != [("ok",)]:
        raise CannotCopy(f"it is damaged, take another backup: {found[0][0]}")


def _see_that_it_is_known(found: Manifest) -> None:
    newest = migrations.known()[-1].number
    if found.schema > newest:
        raise CannotCopy(
            f"its schema is number {found.schema} and this version of sampler knows {newest}: "
            f"restore it with version {found.version}, which made it, or a newer one"
        )


def _see_that_its_tables_are_ours(session: Session, found: Manifest) -> None:
    """Raise CannotCopy for tables and columns that no step of ours has made: their names become statements."""
    with contextlib.closing(apsw.Connection(":memory:")) as blank:
        layout = SqliteSession(blank, Path("memory"))
        migrations.apply(layout, DIALECT, upto=found.schema)
        ours = tables(layout)
    if set(manifest.copied(session)) != set(ours):
        raise CannotCopy(f"its tables are not those of a backup with schema number {found.schema}")


def _clear(session: Session, dialect: Dialect) -> None:
    """Drop the tables of a place that is empty: the backup may be from before some of them."""
    names = [name for (name,) in session.rows(dialect.tables)]
    full = [name for name in names if name not in HOUSEKEEPING and _has_rows(session, name)]
    if full:
        raise CannotCopy(
            f"there is data already (in {', '.join(sorted(full))}), and restoring never overwrites: "
            "name a new database with --database, or move that one away first"
        )
    for name in names:
        session.run(f'DROP TABLE "{name}"')


def _has_rows(session: Session, name: str) -> bool:
    return session.row(f'SELECT 1 FROM "{name}" LIMIT 1') is not None  # noqa: S608 - names from the schema


def _fill(session: Session, table: Table, backup: Session, content: Content, copied: Copied) -> None:
    session.run(f'DELETE FROM "{table.name}"')  # noqa: S608 - what the schema's steps have put there is in the backup, too
    checksum = Checksum()
    for chunk in checksum.of(backup.stream(table.select_in_order)):
        table.insert(session, chunk)
        copied(len(chunk))
    if checksum.content(content.last) != content:
        raise CannotCopy(
            f"the backup is damaged: its {checksum.rows} rows of {table.name} are not the {content.rows} "
            "that were written; nothing was restored; take another backup"
        )


def _go_on_after(session: Session, table: Table, last: int | None, dialect: Dialect) -> None:
    if last is not None:
        for statement in dialect.go_on_after:
            session.run(statement, table=table.name, column=table.numbered, last=last)
