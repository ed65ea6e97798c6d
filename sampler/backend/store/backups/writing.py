"""Writes a backup: all rows of one instant, while others write on."""

import contextlib
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import apsw

from sampler.backend.store import Session, Store, StoreUnavailable, migrations
from sampler.backend.store.backups import CannotCopy, manifest
from sampler.backend.store.backups.manifest import ROWS_AT_ONCE, Checksum, Content, Manifest
from sampler.backend.store.backups.tables import HOUSEKEEPING, STEPS, Table, chunks
from sampler.backend.store.dialect import Dialect
from sampler.backend.store.sqlite import APPLICATION, DIALECT
from sampler.backend.store.sqlite_session import SqliteSession

Copied = Callable[[int], None]
"""Is told how many rows were copied since it was last told."""
_CACHE_KIB = 64 * 1024


def rows_to_copy(store: Store) -> int:
    """Count what a backup would copy now, about: for a progress bar. Raises StoreUnavailable, CannotCopy."""
    with store.reading() as session:
        names = _names(session, store.dialect) - HOUSEKEEPING
        counts = [session.rows(f'SELECT count(*) FROM "{name}"') for name in names]  # noqa: S608 - names from the schema
        return sum(count for ((count,),) in counts)


def write(store: Store, path: Path, copied: Copied) -> Manifest:
    """Write everything into the file, which is empty; whoever gives it a name syncs it before.

    Raises StoreUnavailable, also if the file cannot be written; CannotCopy; NewerSchema.
    """
    with store.reading() as origin, _written(path) as copy:
        _names(origin, store.dialect)
        made = int(time.time())
        schema = _lay_out(origin, copy)
        contents = {
            table.name: _copy(table, origin, copy, store.dialect, copied) for table in manifest.copied(copy)
        }
        found = Manifest(schema, made, version("sampler"), contents)
        manifest.write(copy, found)
        return found


def _names(session: Session, dialect: Dialect) -> set[str]:
    names = {name for (name,) in session.rows(dialect.tables)}
    if STEPS not in names:
        raise CannotCopy("there is nothing to back up: no backend has used this database yet")
    return names


def _lay_out(origin: Session, copy: Session) -> int:
    """Give the copy the schema of the original, which may be older than ours; give its number."""
    migrations.outstanding(origin)  # a newer one is none that we know how to copy
    schema = migrations.applied(origin)[-1]
    migrations.apply(copy, DIALECT, upto=schema)
    return schema


def _copy(table: Table, origin: Session, copy: Session, dialect: Dialect, copied: Copied) -> Content:
    copy.run(f'DELETE FROM "{table.name}"')  # noqa: S608 - what the schema's steps have put there is in the original, too
    for chunk in chunks(origin.stream(table.select), ROWS_AT_ONCE):
        table.insert(copy, chunk)
        copied(len(chunk))
    # Of what was written, not of what was read: -0.0, for one, lies in the file as 0.0.
    checksum = Checksum()
    for _ in checksum.of(copy.stream(table.select_in_order)):
        pass
    return checksum.content(_last_number(table, origin, dialect))


def _last_number(table: Table, session: Session, dialect: Dialect) -> int | None:
    row = (
        session.row(dialect.last_number, table=table.name, column=table.numbered) if table.numbered else None
    )
    return row[0] if row else None


@contextlib.contextmanager
def _written(path: Path) -> Iterator[Session]:
    """Give a transaction that lays out and fills the file."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            _prepare(connection)
            with connection:
                session = SqliteSession(connection, path)
                yield session
                session.leave_streams()
        finally:
            connection.close()
    except (apsw.Error, OSError) as error:
        raise StoreUnavailable(f"{path}: {error}") from error


def _prepare(connection: apsw.Connection) -> None:
    connection.pragma("application_id", APPLICATION)
    # Nobody knows the file yet: a sync at its end is enough.
    connection.pragma("synchronous", "OFF")
    connection.pragma("journal_mode", "MEMORY")
    connection.pragma("cache_size", -_CACHE_KIB)
