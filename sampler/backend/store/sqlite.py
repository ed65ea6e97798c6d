"""The embedded engine: one SQLite file in WAL mode, every commit synced."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw

from sampler.backend.store import (
    Conflict,
    Delivery,
    Measurement,
    Range,
    StoredMeasurement,
    StoreUnavailable,
)

_APPLICATION = 0x53616D42  # "SamB": tells our file from the device's spool and from anybody else's
_LOCK_WAIT_MS = 2000
_END_OF_TIME = 2**63 - 1
_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
CREATE TABLE IF NOT EXISTS measurements (
    number   INTEGER PRIMARY KEY,
    device   TEXT NOT NULL,
    key      TEXT,
    start    INTEGER NOT NULL,
    "end"    INTEGER NOT NULL,
    min      REAL NOT NULL,
    max      REAL NOT NULL,
    average  REAL NOT NULL,
    quality  BLOB,
    received INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS measurements_identity ON measurements (device, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS measurements_start ON measurements (start, number);
CREATE TABLE IF NOT EXISTS touched (one INTEGER PRIMARY KEY CHECK (one = 1), times INTEGER NOT NULL) STRICT;
"""
_COLUMNS = 'start, "end", min, max, average, quality'
_INSERT = f"INSERT INTO measurements ({_COLUMNS}, device, key, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
_SAME_IDENTITY = f"SELECT {_COLUMNS} FROM measurements WHERE device = ? AND key = ?"  # noqa: S608 - constants
_TOUCH = "INSERT INTO touched VALUES (1, 1) ON CONFLICT DO UPDATE SET times = times + 1"
_FIND = f"""
SELECT number, device, key, received, {_COLUMNS} FROM measurements
WHERE start >= :start AND start < :end AND (start, number) > (:after_start, :after_number)
AND (:device IS NULL OR device = :device) ORDER BY start, number LIMIT :limit
"""  # noqa: S608 - constants


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
            return [_add(connection, delivery) for delivery in deliveries]

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
            return [_stored(row) for row in reader.execute(_FIND, _bindings(wanted))]

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


def _add(connection: apsw.Connection, delivery: Delivery) -> list[Measurement] | Conflict:
    try:
        with connection:  # a savepoint: a refused delivery is taken back alone
            new = _add_all(connection, delivery)
    except Conflict as conflict:
        return conflict
    return new


def _add_all(connection: apsw.Connection, delivery: Delivery) -> list[Measurement]:
    """Store what is new and give it; raises Conflict."""
    device, received = delivery.device, delivery.received
    return [m for m, key in _keyed(delivery) if _is_new(connection, device, key, m, received)]


def _keyed(delivery: Delivery) -> Iterator[tuple[Measurement, str | None]]:
    keys = delivery.keys if delivery.keys is not None else [None] * len(delivery.measurements)
    return zip(delivery.measurements, keys, strict=True)


def _is_new(
    connection: apsw.Connection, device: str, key: str | None, measurement: Measurement, received: int
) -> bool:
    """Store the measurement unless its identity is known."""
    known = connection.execute(_SAME_IDENTITY, (device, key)).fetchone() if key is not None else None
    if known is None:
        connection.execute(_INSERT, (*_row(measurement), device, key, received))
    elif not measurement.says_the_same_as(Measurement(*known)):
        raise Conflict(f"{key} of device {device or '(unnamed)'} is stored with other values")
    return known is None


def _row(m: Measurement) -> tuple[int, int, float, float, float, bytes | None]:
    return (m.start, m.end, m.min, m.max, m.average, m.quality)


def _bindings(wanted: Range) -> dict[str, int | str | None]:
    after_start, after_number = wanted.after or (-1, 0)
    return {
        "start": wanted.start if wanted.start is not None else 0,
        "end": wanted.end if wanted.end is not None else _END_OF_TIME,
        "device": wanted.device,
        "after_start": after_start,
        "after_number": after_number,
        "limit": wanted.limit,
    }


def _stored(row: Sequence[Any]) -> StoredMeasurement:
    number, device, key, received, *values = row
    return StoredMeasurement(number, Measurement(*values), device, key, received)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


@contextlib.contextmanager
def _errors_as_unavailable(path: Path) -> Iterator[None]:
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise StoreUnavailable(f"{path}: {error}") from error
