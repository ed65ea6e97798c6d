"""A transaction of PostgreSQL."""

import functools
import itertools
import re
from collections.abc import Generator, Iterable, Mapping

import psycopg

from sampler.backend.store import Row, Value
from sampler.backend.store.postgresql_connection import Connection, errors_as_unavailable
from sampler.backend.store.session import Gathering

_ROWS_AT_ONCE = 200  # they can be half a megabyte each
_BINDING = re.compile(r"(?<!:):([a-z_][a-z0-9_]*)")


class PostgresqlSession(Gathering):
    """A transaction that has begun on the connection."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._numbers = itertools.count()

    def rows(self, sql: str, /, **values: Value) -> list[Row]:
        """See Session."""
        with errors_as_unavailable():
            cursor = self._connection.execute(_translated(sql), values)
            return cursor.fetchall() if cursor.description else []

    def run(self, sql: str, /, **values: Value) -> int:
        """See Session."""
        with errors_as_unavailable():
            return self._connection.execute(_translated(sql), values).rowcount

    def run_many(self, sql: str, many: Iterable[Mapping[str, Value]], /) -> None:
        """See Session."""
        with errors_as_unavailable(), self._connection.cursor() as cursor:
            cursor.executemany(_translated(sql), many)

    def commit(self) -> None:
        """End the transaction; raises StoreUnavailable if nobody knows how it ended."""
        with errors_as_unavailable():
            if self._connection.execute("COMMIT").statusmessage != "COMMIT":
                # After an error that somebody swallowed, the server says "ROLLBACK" and calls that no error.
                raise psycopg.errors.InFailedSqlTransaction("taken back, for a statement in it had failed")

    def _stream(self, sql: str, values: Mapping[str, Value]) -> Generator[Row, None, None]:
        name = f"stream_{next(self._numbers)}"
        with errors_as_unavailable(), self._connection.cursor(name=name) as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(_translated(sql), values)
            yield from cursor


@functools.lru_cache(maxsize=1000)
def _translated(sql: str) -> bytes:
    """Write the bindings as the driver wants them. Statements are constants: there are not many."""
    return _BINDING.sub(r"%(\1)s", sql.replace("%", "%%")).encode()
