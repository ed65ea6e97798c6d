"""The embedded engine: one SQLite file in WAL mode, every commit synced."""

import contextlib
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import apsw

from sampler.backend.store import Session, StoreUnavailable, migrations, touch
from sampler.backend.store.dialect import Dialect
from sampler.backend.store.sqlite_session import SqliteSession, errors_as_unavailable
from sampler.files import make_private
from sampler.volume import REAL, Volume
from sampler.wal import write_log_again

APPLICATION = 0x53616D42  # "SamB": tells our file from the device's spool and from anybody else's
_LOCK_WAIT_MS = 2000
_READERS_KEPT = 8
_LOG_KEPT_BYTES = 64 * 1024 * 1024
DIALECT = Dialect(
    types={
        "id": "INTEGER PRIMARY KEY AUTOINCREMENT",  # numbers are never given twice, not even after a delete
        "int": "INTEGER",
        "real": "REAL",
        "text": "TEXT",
        "bytes": "BLOB",
        "strict": "STRICT",
    },
    tables="SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    last_number="SELECT seq FROM sqlite_sequence WHERE name = :table",
    go_on_after=(
        "DELETE FROM sqlite_sequence WHERE name = :table",
        "INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)",
    ),
)


class SqliteStore:
    """A store in one file, which is created with its folder if it is not there.

    After an error the file is opened afresh at the next attempt, so that service resumes by itself.
    A file that went away is not silently replaced by an empty one.
    """

    dialect = DIALECT

    def __init__(self, path: Path, *, as_it_is: bool = False, volume: Volume = REAL) -> None:
        """Open the file and bring its schema up to date, unless it is wanted as it is: then it must be there.

        Raises StoreUnavailable if it cannot be opened, written or is not ours, NewerSchema if it is too new.
        """
        self.path = path
        self._volume = volume
        self._opened = (0, 0)
        self._log_in_doubt = True
        """Whether a sync of it may have failed: also before this process, if it finds one."""
        self._writer: apsw.Connection | None = None
        self._one_writer = threading.Lock()
        self._readers: queue.LifoQueue[apsw.Connection] = queue.LifoQueue(_READERS_KEPT)
        try:
            with errors_as_unavailable(path):
                self._open_as_it_is() if as_it_is else self._open_up_to_date()
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """See Store."""
        with self._one_writer:
            session = self._begun()
            try:
                yield session
                session.settle()
                session.run("COMMIT")
            except BaseException as error:
                session.leave_streams()
                self._recover(error)
                raise
            session.leave_streams()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """See Store."""
        # Connections of their own: readers never wait for the writer's sync.
        with errors_as_unavailable(self.path):
            reader = self._reader()
        session = SqliteSession(reader, self.path)
        try:
            session.run("BEGIN")
            yield session
            session.run("COMMIT")
            session.leave_streams()
        except BaseException:
            session.leave_streams()
            _close(reader)
            raise
        try:
            self._readers.put_nowait(reader)
        except queue.Full:
            _close(reader)

    def size(self) -> int:
        """See Store."""
        with errors_as_unavailable(self.path):
            log = Path(f"{self.path}-wal")
            return self.path.stat().st_size + (log.stat().st_size if log.exists() else 0)

    def close(self) -> None:
        """See Store."""
        self._close_readers()
        writer, self._writer = self._writer, None
        if writer:
            _close(writer)

    def _begun(self) -> SqliteSession:
        try:
            with errors_as_unavailable(self.path):
                writer = self._writer = self._writer or self._open(apsw.SQLITE_OPEN_READWRITE)
                self._refuse_a_file_that_went_away()
                writer.execute("BEGIN IMMEDIATE")
        except BaseException as error:
            self._recover(error)
            raise
        return SqliteSession(writer, self.path)

    def _reader(self) -> apsw.Connection:
        try:
            self._refuse_a_file_that_went_away()
        except BaseException:
            self._close_readers()
            raise
        try:
            return self._readers.get_nowait()
        except queue.Empty:
            return self._open(apsw.SQLITE_OPEN_READONLY)

    def _close_readers(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                _close(self._readers.get_nowait())

    def _recover(self, error: BaseException) -> None:
        with contextlib.suppress(apsw.Error):
            if self._writer and self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        # These pass, and the open file keeps readers going. After anything else nobody knows what
        # this connection believes, and one opened for reading only never writes: a fresh one does.
        cause = error.__cause__ if isinstance(error, StoreUnavailable) else error
        passes = isinstance(cause, (apsw.FullError, apsw.BusyError, apsw.ReadOnlyError))
        self._log_in_doubt = self._log_in_doubt or isinstance(cause, apsw.IOError)
        if not (passes and self._writer and not self._writer.readonly("main")):
            self.close()

    def _refuse_a_file_that_went_away(self) -> None:
        # SQLite would go on writing into the deleted file, and every answered request be lost.
        if _identity(self.path) != self._opened:
            raise StoreUnavailable(f"{self.path} was removed or replaced while in use")

    def _open_up_to_date(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        make_private(self.path)
        self._writer = self._open(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        with self.writing() as session:
            migrations.apply(session, DIALECT)
            touch(session)  # that it can be written is seen now, not at the first request

    def _open_as_it_is(self) -> None:
        self._opened = _identity(self.path)
        # One that may write and does not: it tidies the log away at the end, which others leave behind.
        reader = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=self._volume.vfs)
        self._readers.put_nowait(reader)
        reader.set_busy_timeout(_LOCK_WAIT_MS)
        reader.pragma("query_only", "ON")
        self._refuse_a_strangers(reader)

    def _refuse_a_strangers(self, connection: apsw.Connection) -> None:
        if connection.pragma("application_id") != APPLICATION and connection.pragma("schema_version"):
            raise StoreUnavailable(f"{self.path} is some other program's database; name another file")

    def _open(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(str(self.path), flags=flags, vfs=self._volume.vfs)
        try:
            connection.set_busy_timeout(_LOCK_WAIT_MS)
            if flags & apsw.SQLITE_OPEN_READWRITE:
                self._prepare(connection)
        except BaseException:
            _close(connection)
            raise
        return connection

    def _prepare(self, connection: apsw.Connection) -> None:
        self._refuse_a_strangers(connection)
        _into_wal(connection)
        connection.pragma("synchronous", "FULL")
        connection.pragma("journal_size_limit", _LOG_KEPT_BYTES)
        if self._log_in_doubt:
            write_log_again(connection, self._volume)
            self._log_in_doubt = False
        if connection.pragma("application_id") != APPLICATION:
            connection.pragma("application_id", APPLICATION)
        self._opened = _identity(self.path)


def _close(connection: apsw.Connection) -> None:
    """Close it, whatever becomes of its last tidying up: what is committed is safe, and what failed before is told."""
    with contextlib.suppress(apsw.Error):
        connection.close()


def _into_wal(connection: apsw.Connection) -> None:
    """Have the commits written ahead; SQLite does not wait for others who do the same to a new file: we do."""
    until = time.monotonic() + _LOCK_WAIT_MS / 1000
    while True:
        try:
            connection.pragma("journal_mode", "WAL")
        except apsw.BusyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
