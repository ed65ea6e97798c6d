"""The embedded engine: one SQLite file in WAL mode, every commit synced."""

import contextlib
import queue
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import apsw

from sampler.backend.store import Row, Session, StoreUnavailable, Value, migrations, touch
from sampler.backend.store.session import Gathering

_APPLICATION = 0x53616D42  # "SamB": tells our file from the device's spool and from anybody else's
_LOCK_WAIT_MS = 2000
_READERS_KEPT = 8
_LOG_KEPT_BYTES = 64 * 1024 * 1024
_TYPES = {
    "id": "INTEGER PRIMARY KEY AUTOINCREMENT",  # numbers are never given twice, not even after a delete
    "int": "INTEGER",
    "real": "REAL",
    "text": "TEXT",
    "bytes": "BLOB",
    "strict": "STRICT",
}
_BUGS = (apsw.ConstraintError, apsw.SQLError, apsw.MismatchError, apsw.RangeError, apsw.BindingsError)
"""What no repetition cures: it is to be seen as what it is."""


class SqliteStore:
    """A store in one file, which is created with its folder if it is not there.

    After an error the file is opened afresh at the next attempt, so that service resumes by itself.
    A file that went away is not silently replaced by an empty one.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and bring its schema up to date.

        Raises StoreUnavailable if it cannot be opened, written or is not ours, NewerSchema if it is too new.
        """
        self.path = path
        self._opened = (0, 0)
        self._writer: apsw.Connection | None = None
        self._readers: queue.LifoQueue[apsw.Connection] = queue.LifoQueue(_READERS_KEPT)
        with _errors_as_unavailable(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._open(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        try:
            with self.writing() as session:
                migrations.apply(session, _TYPES)
                touch(session)  # that it can be written is seen now, not at the first request
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """See Store."""
        with _errors_as_unavailable(self.path):
            writer = self._writer = self._writer or self._open(apsw.SQLITE_OPEN_READWRITE)
            try:
                self._refuse_a_file_that_went_away()
                writer.execute("BEGIN IMMEDIATE")
                session = _SqliteSession(writer, self.path)
                yield session
                session.settle()
                writer.execute("COMMIT")
            except BaseException as error:
                self._recover(error)
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """See Store."""
        # Connections of their own: readers never wait for the writer's sync.
        with _errors_as_unavailable(self.path):
            reader = self._reader()
            try:
                reader.execute("BEGIN")
                yield _SqliteSession(reader, self.path)
                reader.execute("COMMIT")
            except BaseException:
                reader.close()
                raise
            try:
                self._readers.put_nowait(reader)
            except queue.Full:
                reader.close()

    def size(self) -> int:
        """See Store."""
        with _errors_as_unavailable(self.path):
            files = (self.path, Path(f"{self.path}-wal"))
            return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """See Store."""
        self._close_readers()
        if self._writer:
            self._writer.close()
            self._writer = None

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
                self._readers.get_nowait().close()

    def _recover(self, error: BaseException) -> None:
        with contextlib.suppress(apsw.Error):
            if self._writer and self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        # These pass, and the open file keeps readers going. After anything else nobody knows what
        # this connection believes, and one opened for reading only never writes: a fresh one does.
        cause = error.__cause__ if isinstance(error, StoreUnavailable) else error
        passes = isinstance(cause, (apsw.FullError, apsw.BusyError, apsw.ReadOnlyError))
        if not (passes and self._writer and not self._writer.readonly("main")):
            self.close()

    def _refuse_a_file_that_went_away(self) -> None:
        # SQLite would go on writing into the deleted file, and every answered request be lost.
        if _identity(self.path) != self._opened:
            raise StoreUnavailable(f"{self.path} was removed or replaced while in use")

    def _open(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(str(self.path), flags=flags)
        try:
            connection.set_busy_timeout(_LOCK_WAIT_MS)
            if flags & apsw.SQLITE_OPEN_READWRITE:
                self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: apsw.Connection) -> None:
        application = connection.pragma("application_id")
        if application != _APPLICATION and connection.pragma("schema_version"):
            raise StoreUnavailable(f"{self.path} is some other program's database; name another file")
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", "FULL")
        connection.pragma("journal_size_limit", _LOG_KEPT_BYTES)
        if application != _APPLICATION:
            connection.pragma("application_id", _APPLICATION)
        self._opened = _identity(self.path)


class _SqliteSession(Gathering):
    """A transaction on one connection."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        super().__init__()
        self._connection = connection
        self._path = path

    def rows(self, sql: str, /, **values: Value) -> list[Row]:
        """See Session."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except apsw.Error as error:
            raise _told(self._path, error) from error

    def stream(self, sql: str, /, **values: Value) -> Iterator[Row]:
        """See Session."""
        try:
            yield from self._connection.execute(sql, values)
        except apsw.Error as error:
            raise _told(self._path, error) from error

    def run(self, sql: str, /, **values: Value) -> int:
        """See Session."""
        try:
            self._connection.execute(sql, values).close()
        except apsw.Error as error:
            raise _told(self._path, error) from error
        return self._connection.changes()

    def run_many(self, sql: str, many: Iterable[Mapping[str, Value]], /) -> None:
        """See Session."""
        try:
            self._connection.executemany(sql, many).close()
        except apsw.Error as error:
            raise _told(self._path, error) from error

    def _savepoint(self) -> contextlib.AbstractContextManager[object]:
        return self._connection


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


@contextlib.contextmanager
def _errors_as_unavailable(path: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise _told(path, error) from error


def _told(path: Path, error: Exception) -> Exception:
    return error if isinstance(error, _BUGS) else StoreUnavailable(f"{path}: {error}")
