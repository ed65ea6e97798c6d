"""Connections to PostgreSQL: they promise what we promise, and wait for a silent server not for ever."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict

from sampler.backend.store import Row, StoreUnavailable

PATIENCE_S = 2
_NETWORK: dict[str, Any] = {
    "connect_timeout": PATIENCE_S,
    # Where nobody is any more, or a firewall has forgotten the connection, the kernel gives it up.
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_SETTINGS = """
SET search_path = sampler;
SET timezone = 'UTC';
SET lock_timeout = '3s';
-- What an answer promises is on the disk, whatever the server's default is; a stricter default stays.
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
"""
_BUGS = (
    psycopg.ProgrammingError,
    psycopg.IntegrityError,
    psycopg.DataError,
    psycopg.errors.InFailedSqlTransaction,
    psycopg.errors.ProgramLimitExceeded,
)
"""What no repetition cures: it is to be seen as what it is."""
_NO_BUGS = (psycopg.errors.InsufficientPrivilege,)
"""But the operator's to cure."""
Result = TypeVar("Result")


class Connection(psycopg.Connection[Row]):
    """One that is given up when its server neither answers nor takes connections: when it stands still."""

    url = ""

    @classmethod
    def to(cls, url: str, settings: str) -> Self:
        """Connect, with further settings in SQL. Raises psycopg.Error."""
        connection = cls.connect(url, autocommit=True, client_encoding="utf8", **_NETWORK)
        connection.url = url
        connection.adapters.register_loader("numeric", _NumberLoader)
        try:
            connection.execute((_SETTINGS + settings).encode())
        except BaseException:
            connection.close()
            raise
        return connection

    def wait(self, gen: PQGen[Result], *arguments: Any, **options: Any) -> Result:
        """Wait for an answer as the driver does, which looks up ten times a second while nothing comes."""
        return super().wait(self._while_the_server_lives(gen), *arguments, **options)

    def _while_the_server_lives(self, steps: PQGen[Result]) -> PQGen[Result]:
        ready: Any = None
        heard = time.monotonic()
        try:
            while True:
                ready = yield steps.send(ready)
                if ready or time.monotonic() - heard > PATIENCE_S:
                    if not ready:
                        self._see_that_the_server_lives()
                    heard = time.monotonic()
        except StopIteration as end:
            result: Result = end.value
            return result

    def _see_that_the_server_lives(self) -> None:
        """Tell a long statement from a server that stands still, which takes no connection either."""
        here = {"host": self.info.host, "port": self.info.port}
        try:
            psycopg.connect(self.url, **_NETWORK | here).close()
        except psycopg.errors.ConnectionTimeout as error:
            raise psycopg.OperationalError("the server does not answer") from error
        except psycopg.Error:
            pass  # it refuses, having too many already, say: so it lives


class _NumberLoader(Loader):
    """Sums and averages of whole numbers are what they are in SQLite: whole numbers and floats."""

    def load(self, data: Any) -> int | float:
        digits = bytes(data)
        return float(digits) if b"." in digits else int(digits)


def checked(url: str) -> str:
    """Give the URL back if it can be read; raises StoreUnavailable, in words that hold nothing of it.

    What the library would say of one with an unquoted character in its password holds half the password.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        parts = {"host": "@"}
    places = f"{parts.get('host', '')}{parts.get('dbname', '')}"
    if "@" in places or set(str(parts.get("port", ""))) - set("0123456789,"):
        raise StoreUnavailable(
            "the URL cannot be read; it is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
            "and in a password / is written %2F, @ %40 and % %25"
        )
    return url


@contextlib.contextmanager
def errors_as_unavailable() -> Iterator[None]:
    """Raise StoreUnavailable for what passes, or what the operator has to see to."""
    try:
        yield
    except psycopg.Error as error:
        if isinstance(error, _BUGS) and not isinstance(error, _NO_BUGS):
            raise
        raise StoreUnavailable(" ".join(str(error).split()) or type(error).__name__) from error
