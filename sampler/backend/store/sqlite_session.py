"""A transaction of SQLite."""

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path

import apsw

from sampler.backend.store import Row, StoreUnavailable, Value
from sampler.backend.store.session import Gathering

_BUGS = (
    apsw.ConstraintError,
    apsw.SQLError,
    apsw.MismatchError,
    apsw.RangeError,
    apsw.BindingsError,
    apsw.TooBigError,
)
"""What no repetition cures: it is to be seen as what it is."""


class SqliteSession(Gathering):
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

    def _stream(self, sql: str, values: Mapping[str, Value]) -> Generator[Row, None, None]:
        try:
            yield from self._connection.execute(sql, values)
        except apsw.Error as error:
            raise _told(self._path, error) from error


@contextlib.contextmanager
def errors_as_unavailable(path: Path) -> Iterator[None]:
    """Raise StoreUnavailable for what passes, or what the operator has to see to."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise _told(path, error) from error


def _told(path: Path, error: Exception) -> Exception:
    return error if isinstance(error, _BUGS) else StoreUnavailable(f"{path}: {error}")
