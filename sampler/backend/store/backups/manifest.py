"""What a backup says of itself: how many rows of each table it has, and a checksum of them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from sampler.backend.store import Row, Session
from sampler.backend.store.backups import CannotCopy
from sampler.backend.store.backups.tables import Table, chunks, tables

ROWS_AT_ONCE = 200
"""Part of the form: checksums are of so many rows at a time. Few, because a row can be half a megabyte."""
_OWN = {"backup", "backup_tables"}
_LAY_OUT = (
    "CREATE TABLE backup (schema INTEGER NOT NULL, made INTEGER NOT NULL, version TEXT NOT NULL) STRICT",
    "CREATE TABLE backup_tables (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, last INTEGER, checksum BLOB NOT NULL)"
    " STRICT",
)
_NOTE = "INSERT INTO backup (schema, made, version) VALUES (:schema, :made, :version)"
_NOTE_TABLE = "INSERT INTO backup_tables (name, rows, last, checksum) VALUES (:name, :rows, :last, :checksum)"
_FIND = "SELECT schema, made, version FROM backup"
_FIND_TABLES = "SELECT name, rows, last, checksum FROM backup_tables"
_OWN_TABLES_THERE = "SELECT count(*) FROM sqlite_schema WHERE name IN ('backup', 'backup_tables')"


@dataclass(frozen=True, slots=True)
class Content:
    """What the backup holds of a table."""

    rows: int
    last: int | None
    """The last number that the table has given out, if it gives numbers."""
    checksum: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the backup is."""

    schema: int
    made: int
    """The second since 1970 of its snapshot."""
    version: str
    """Of the program that made it."""
    contents: dict[str, Content]

    @property
    def rows(self) -> int:
        """All of them."""
        return sum(content.rows for content in self.contents.values())


class Checksum:
    """Adds up the rows that pass, in the order in which they lie in the file."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.blake2b(digest_size=16)

    def of(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Give the rows a few at a time."""
        for chunk in chunks(rows, ROWS_AT_ONCE):
            self._hash.update(msgspec.msgpack.encode(chunk))
            self.rows += len(chunk)
            yield chunk

    def content(self, last: int | None) -> Content:
        """Say what has passed."""
        return Content(self.rows, last, self._hash.digest())


def write(session: Session, manifest: Manifest) -> None:
    """Write it into the backup, which is whole from then on."""
    for statement in _LAY_OUT:
        session.run(statement)
    session.run(_NOTE, schema=manifest.schema, made=manifest.made, version=manifest.version)
    for name, content in manifest.contents.items():
        session.run(_NOTE_TABLE, name=name, rows=content.rows, last=content.last, checksum=content.checksum)


def read(session: Session) -> Manifest:
    """Read it; raises CannotCopy if the file is no backup or a table has come or gone."""
    if session.rows(_OWN_TABLES_THERE) != [(2,)]:
        raise CannotCopy("it is no backup: name a file that `sampler backend backup` has written")
    (schema, made, version), *_ = session.rows(_FIND)
    contents = {name: Content(*content) for name, *content in session.rows(_FIND_TABLES)}
    if contents.keys() != {table.name for table in copied(session)}:
        raise CannotCopy("it was changed since it was made, and cannot be trusted: take another backup")
    return Manifest(schema, made, version, contents)


def copied(session: Session) -> list[Table]:
    """Give the tables that a backup is there for."""
    return [table for table in tables(session) if table.name not in _OWN]
