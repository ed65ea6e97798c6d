"""The embedded engine: one SQLite file in WAL mode, every commit synced."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw

from sampler.backend.store import (
    Conflict,
    Delivery,
    Measurement,
    Range,
    StoredMeasurement,
    StoreUnavailable,
    sqlite_measurements,
)

_APPLICATION = 0x53616D42  # "SamB": tells our file from the device's spool and from anybody else's
_LOCK_WAIT_MS = 2000
_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
{sqlite_measurements.SCHEMA}
CREATE TABLE IF NOT EXISTS touched (one INTEGER PRIMARY KEY CHECK (one = 1), times INTEGER NOT NULL) STRICT;
"""
_TOUCH = "INSERT INTO touched VALUES (1, 1) ON CONFLICT DO UPDATE SET times = times + 1"


class SqliteStore:
    """A store in one file, which is created with its folder if it is not there.

    After an error the file is opened afresh at the next attempt, so that service resumes by itself.
    A file that went away is not silently replaced by an empty one.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; raises StoreUnavailable if it cannot be opened, written or is not ours."""
        self.path = path
        self._opened = (0, 0)
        self._writer: apsw.Connection | None = None
        with _errors_as_unavailable(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._open(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        self.touch()

    def add(self, deliveries: Sequence[Delivery]) -> list[list[Measurement] | Conflict]:
        """See Store."""
        with self._transaction() as connection:
            return [sqlite_measurements.add(connection, delivery) for delivery in deliveries]

    def touch(self) -> None:
        """See Store."""
        with self._transaction() as connection:
            connection.execute(_TOUCH)

    def find(self, wanted: Range) -> list[StoredMeasurement]:
        """See Store."""
        # A connection of its own: readers never wait for the writer's sync.
        with (
            _errors_as_unavailable(self.path),
            contextlib.closing(self._open(apsw.SQLITE_OPEN_READONLY)) as reader,
        ):
            return sqlite_measurements.find(reader, wanted)

    def close(self) -> None:
        """See Store."""
        if self._writer:
            self._writer.close()
            self._writer = None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        with _errors_as_unavailable(self.path):
            writer = self._writer = self._writer or self._open(apsw.SQLITE_OPEN_READWRITE)
            try:
                self._refuse_a_file_that_went_away()
                writer.execute("BEGIN IMMEDIATE")
                yield writer
                writer.execute("COMMIT")
            except BaseException as error:
                self._recover(error)
                raise

    def _recover(self, error: BaseException) -> None:
        with contextlib.suppress(apsw.Error):
            if self._writer and self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        # These pass, and the open file keeps readers going. After anything else nobody knows what
        # this connection believes, and one opened for reading only never writes: a fresh one does.
        passes = isinstance(error, (apsw.FullError, apsw.BusyError, apsw.ReadOnlyError))
        if not (passes and self._writer and not self._writer.readonly("main")):
            self.close()

    def _refuse_a_file_that_went_away(self) -> None:
        # SQLite would go on writing into the deleted file, and every answered measurement be lost.
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
        if application != _APPLICATION:
            connection.execute(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT")
        self._opened = _identity(self.path)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


@contextlib.contextmanager
def _errors_as_unavailable(path: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise StoreUnavailable(f"{path}: {error}") from error
