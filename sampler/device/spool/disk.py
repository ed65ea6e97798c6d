"""The file of the spool: one connection under one lock, opened when needed, never trusted after an error."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import TypeVar

import apsw

from sampler.device.spool import schema
from sampler.device.spool.book import Book
from sampler.device.spool.errors import Damaged, SpoolUnavailable
from sampler.device.spool.rows import Facts

T = TypeVar("T")

BUSY_MS = 5_000
CHECKPOINT_PAGES = 250
"""The write-ahead log grows to 1 MiB; then its pages move to the file, which costs two syncs more."""

DAMAGE = (apsw.CorruptError, apsw.NotADBError, apsw.SQLError, UnicodeDecodeError, Damaged)


class Disk:
    """The spool's file, and what it costs to reach it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        self._db: apsw.Connection | None = None

    def write(self, work: Callable[[Book], T]) -> T:
        """Do some work in one transaction, synced to the disk. Raises SpoolUnavailable, with nothing done."""
        return self._do("BEGIN IMMEDIATE", work)

    def read(self, work: Callable[[Book], T]) -> T:
        """Do some work on one state of the file. Raises SpoolUnavailable."""
        return self._do("BEGIN", work)

    def close(self) -> None:
        """Let the file go. The last to do so leaves no write-ahead log behind."""
        with self._lock, suppress(apsw.Error):
            db, self._db = self._db, None
            if db is not None:
                db.close()

    def _do(self, begin: str, work: Callable[[Book], T]) -> T:
        with self._lock:
            try:
                return self._transact(begin, work)
            except apsw.Error as error:
                self.close()
                raise self._explain(error) from error

    def _transact(self, begin: str, work: Callable[[Book], T]) -> T:
        db = self._open()
        db.execute(begin)
        try:
            result = work(Book(db))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return result

    def _open(self) -> apsw.Connection:
        if self._db is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            new = not self.path.exists()
            self._db = connect(self.path)
            prepare(self._db)
            if new:
                sync_directory(self.path.parent)
        return self._db

    def _explain(self, error: Exception) -> SpoolUnavailable:
        return SpoolUnavailable(f"{self.path}: {error}")


def connect(path: Path) -> apsw.Connection:
    """Open a file that is written, or make it."""
    db = apsw.Connection(str(path))
    db.set_busy_timeout(BUSY_MS)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    db.execute("PRAGMA journal_size_limit = 1048576")
    db.execute("PRAGMA cache_size = -512")
    db.execute("PRAGMA cell_size_check = ON")
    return db


def prepare(db: apsw.Connection) -> None:
    """Make the tables of a new file."""
    db.execute("BEGIN IMMEDIATE")
    if not schema.tables(db):
        schema.create(db)
        Book(db).facts = Facts(secrets.token_hex(4))
    db.execute("COMMIT")


def sync_directory(path: Path) -> None:
    """Make a new or renamed file in this directory last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
