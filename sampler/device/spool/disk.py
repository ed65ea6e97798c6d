"""The file of the spool: one connection under one lock, opened when needed, never trusted after an error."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import TypeVar

import apsw

from sampler.device.spool import schema
from sampler.device.spool.book import Book
from sampler.device.spool.errors import DAMAGE, Damaged, SpoolMisplaced, SpoolUnavailable, words
from sampler.device.spool.healing import finish_healing, heal
from sampler.device.spool.log import check_log, log_of
from sampler.device.spool.place import prepare_place
from sampler.device.spool.refusals import Refusals
from sampler.device.spool.rows import Facts
from sampler.device.spool.wreck import BUSY_MS
from sampler.raw import Unreadable
from sampler.volume import REAL, Volume

log = logging.getLogger("sampler.spool")

T = TypeVar("T")

CHECKPOINT_PAGES = 250
"""The write-ahead log grows to 1 MiB; then its pages move to the file, which costs two syncs more."""
_FAILURES = (apsw.Error, Unreadable, *DAMAGE)
_REFUSED = {apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_CORRUPTFS}
"""How SQLite says that the disk does not read. A short read is none of it: the file ends where it should not."""


class Disk:
    """The spool's file, its transactions, and what is done when it fails."""

    def __init__(self, path: Path, volume: Volume = REAL) -> None:
        self.path = path
        self._volume = volume
        self._lock = RLock()
        self._db: apsw.Connection | None = None
        self._inode = 0
        self._refusals = Refusals()
        self._known: Facts | None = None

    def write(self, work: Callable[[Book], T]) -> T:
        """Do some work in one transaction, synced to the disk. Raises SpoolUnavailable, with nothing done.

        The work may be done a second time, on a healed file: it must take everything from the book.
        """
        return self._do(lambda: self._write(work))

    def read(self, work: Callable[[Book], T]) -> T:
        """Do some work on one state of the file; drop what it finds damaged. Raises SpoolUnavailable."""
        return self._do(lambda: self._read(work))

    def close(self) -> None:
        """Let the file go. The last to do so leaves no write-ahead log behind."""
        with self._lock, suppress(apsw.Error):
            db, self._db = self._db, None
            if db is not None:
                db.close()

    def _abandon(self) -> None:
        """Let the file go as it is: after an error nothing may be moved from its log."""
        if self._db is not None:
            self._db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self.close()

    def _do(self, attempt: Callable[[], T]) -> T:
        with self._lock:
            try:
                if self._refusals.due(self._volume):
                    self._abandon()
                    self._refusals.look_again(self.path, self._volume)
                # SQLite says "malformed" of a read that failed, too: only what fails twice is damaged.
                for again in (False, True):
                    try:
                        return attempt()
                    except _FAILURES as error:
                        self._abandon()
                        self._mend(error, again=again)
                return attempt()
            except (OSError, *_FAILURES) as error:
                self._abandon()
                read_only = " (the disk is read-only)" if self._volume.read_only(self.path) else ""
                raise SpoolUnavailable(f"{self.path}: {words(error)}{read_only}") from error

    def _mend(self, error: Exception, *, again: bool) -> None:
        """Heal what is damaged or unreadable for good. Raises the error if another attempt is of no use yet."""
        if not self._inode or not (_is_damage(error) or _is_refusal(error)):
            raise error
        if not self._refusals.look(self.path, self._volume):
            raise error
        unreadable = self._refusals.places
        if unreadable or (again and _is_damage(error)):
            heal(self.path, self._volume, self._inode, error, self._known, unreadable)
            self._refusals = Refusals()

    def _write(self, work: Callable[[Book], T]) -> T:
        def and_drop(book: Book) -> T:
            result = work(book)
            if book.damaged:
                if book.drop(book.damaged, "damaged") < len(set(book.damaged)):
                    # Its number is damaged, too: whose row it is only healing finds out.
                    raise Damaged("a row is not where its number is looked for")
                log.error("%s: measurements %s are damaged and dropped", self.path, book.damaged)
            return result

        return self._transact("BEGIN IMMEDIATE", and_drop)[0]

    def _read(self, work: Callable[[Book], T]) -> T:
        result, book = self._transact("BEGIN", work)
        if book.damaged:
            self._write(lambda again: again.damaged.extend(book.damaged))
        return result

    def _transact(self, begin: str, work: Callable[[Book], T]) -> tuple[T, Book]:
        db = self._begin(begin)
        book = Book(db)
        try:
            result = work(book)
            db.execute("COMMIT")
        except BaseException:
            with suppress(apsw.Error):
                db.execute("ROLLBACK")
            raise
        self._known = book.known or self._known
        return result, book

    def _begin(self, begin: str) -> apsw.Connection:
        db = self._open()
        db.execute(begin)
        if not self._moved():
            return db
        # Another process has healed the file, or somebody has taken it away: what we have open is no spool now.
        log.error("%s has been replaced by another file", self.path)
        self._abandon()
        db = self._open()
        db.execute(begin)
        return db

    def _moved(self) -> bool:
        return _inode(self.path) != self._inode

    def _open(self) -> apsw.Connection:
        if self._db is None:
            prepare_place(self.path, self._volume)
            finish_healing(self.path, self._volume)
            self._inode = _inode(self.path)
            self._db = _connect(self.path, self._volume.vfs)
            self._inode = _inode(self.path)
            self._prepare(self._db)
        return self._db

    def _prepare(self, db: apsw.Connection) -> None:
        try:
            ours = schema.made(db)
        except SpoolMisplaced as error:
            self._abandon()
            raise SpoolMisplaced(f"{self.path}: {error}") from None
        if not ours and 0 < self.path.stat().st_size < schema.PAGE:
            raise Damaged("it is cut in its first page")  # SQLite takes so little for nothing at all
        if db.readonly("main") and not self._volume.read_only(self.path):
            raise Damaged(
                "its first page forbids to write to it"
            )  # says a version of SQLite's format yet to come
        for pragma, value in _PRAGMAS.items():
            db.pragma(pragma, value)
        # Also of a file that seems new: its first commits may all be in a log of which SQLite reads nothing any more.
        torn = check_log(db, self.path, self._volume)
        if not ours:
            self._make(db)
        elif torn:
            self._rename(db)

    def _make(self, db: apsw.Connection) -> None:
        db.execute("BEGIN IMMEDIATE")
        if not schema.made(db):
            schema.create(db)
            Book(db).facts = facts = Facts(apsw.randomness(4).hex())
            log.info("a new spool, %s, begins in %s", facts.spool_id, self.path)
        db.execute("COMMIT")
        self._volume.sync_directory(self.path.parent)

    def _rename(self, db: apsw.Connection) -> None:
        # If it was rot that tore it and not a power cut, its number may have been sent already: never use that again.
        db.execute("BEGIN IMMEDIATE")
        book = Book(db)
        book.facts = replace(book.facts, spool_id=apsw.randomness(4).hex())
        db.execute("COMMIT")
        log.warning(
            "%s: its last write was torn; numbers go on under a new identity, %s",
            self.path,
            book.facts.spool_id,
        )


class View(Disk):
    """A spool that another process owns. Opened for each look, and left as it was found."""

    def write(self, work: Callable[[Book], T]) -> T:  # noqa: ARG002 - refused, whatever it is
        """Refuse."""
        raise SpoolUnavailable(f"{self.path}: it is open for reading only")

    def read(self, work: Callable[[Book], T]) -> T:
        """Do some work on one state of the file. Raises SpoolUnavailable, or SpoolMisplaced if there is none."""
        try:
            try:
                return self._look(work)
            except _FAILURES:
                return self._look(work)  # a daemon may have come or gone in the very moment
        except SpoolMisplaced as error:
            raise SpoolMisplaced(f"{self.path}: {error}") from None
        except (OSError, *_FAILURES) as error:
            cure = "; `sampler run` heals it" if _is_damage(error) or _is_refusal(error) else ""
            raise SpoolUnavailable(f"{self.path}: {words(error)}{cure}") from error

    def _look(self, work: Callable[[Book], T]) -> T:
        if not self.path.is_file():
            raise SpoolMisplaced("there is no spool; `sampler run` makes one")
        wal = log_of(self.path)
        # Without a log nothing needs to be created to read the file: and then nothing must be.
        alone = "" if wal.exists() and wal.stat().st_size else "&immutable=1"
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        db = apsw.Connection(f"{self.path.absolute().as_uri()}?mode=ro{alone}", flags=flags)
        try:
            db.set_busy_timeout(BUSY_MS)
            db.execute("BEGIN")
            if not schema.made(db):
                raise SpoolMisplaced("there is nothing in it yet; `sampler run` makes a spool of it")
            return work(Book(db))
        finally:
            db.close()


_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "wal_autocheckpoint": CHECKPOINT_PAGES,
    "journal_size_limit": 2 * CHECKPOINT_PAGES * schema.PAGE,
    "cache_size": -512,
    "cell_size_check": 1,
}


def _connect(path: Path, vfs: str | None) -> apsw.Connection:
    db = apsw.Connection(str(path), vfs=vfs)
    db.set_busy_timeout(BUSY_MS)
    return db


def _inode(path: Path) -> int:
    """Tell which file a path means now; 0 if none."""
    try:
        return os.stat(path).st_ino  # noqa: PTH116 - at every transaction, and half the price
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _is_damage(error: Exception) -> bool:
    return isinstance(error, DAMAGE) or _code(error) == apsw.SQLITE_IOERR_SHORT_READ


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, Unreadable) or _code(error) in _REFUSED


def _code(error: Exception) -> int:
    return getattr(error, "extendedresult", 0)
