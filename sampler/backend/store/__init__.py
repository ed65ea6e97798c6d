"""Where everything is kept: one protocol, two engines, and a file for each room's tables, which speak to both."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar, runtime_checkable

from sampler.backend.store.dialect import Dialect

HIGHEST = 2**63 - 1
"""The highest integer that both engines keep: no number, and no time, lies behind it."""
Value = int | float | str | bytes | None
Row = tuple[Any, ...]
Item = TypeVar("Item")


class StoreUnavailable(Exception):  # noqa: N818 - it says what it is
    """The store cannot take or give anything now. Ask the client to come again."""


class Session(Protocol):
    """A transaction, and the SQL that both engines speak.

    Statements are constants, values are bound by name (`:sensor`); where an engine cannot tell a value's type
    from its place, as in `:device IS NULL`, write `CAST(:device AS TEXT)`. Each method raises StoreUnavailable.
    After any other error of a statement, go on behind a savepoint that held it, or not at all.
    """

    def rows(self, sql: str, /, **values: Value) -> list[Row]:
        """Run a statement and give all its rows."""

    def row(self, sql: str, /, **values: Value) -> Row | None:
        """Run a statement and give its first row, if there is one."""

    def stream(self, sql: str, /, **values: Value) -> Iterator[Row]:
        """Run a query and give its rows one by one, holding few of them."""

    def run(self, sql: str, /, **values: Value) -> int:
        """Run a statement and give how many rows it changed."""

    def run_many(self, sql: str, many: Iterable[Mapping[str, Value]], /) -> None:
        """Run a statement once for each."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Take back what the block did, and only that, if it raises."""

    def later(self, sink: "Callable[[Session, list[Item]], None]", item: Item, /) -> None:
        """Let `sink` store the item together with all others of this transaction, before it ends.

        What many requests of one commit bring is stored at once; who wants to see it earlier calls `settle`.
        """

    def settle(self) -> None:
        """Store now what waits for the end of the transaction."""


def touch(session: Session) -> None:
    """Write something of no consequence, to see whether that works."""
    session.run("INSERT INTO touched VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET times = touched.times + 1")


@runtime_checkable  # the framework looks whether it gives a handler what that asks for
class Store(Protocol):
    """One writer at a time, over all processes that share the store; readers from any thread, never waiting for it."""

    dialect: Dialect

    def writing(self) -> AbstractContextManager[Session]:
        """Give a transaction that is committed and synced when the block ends, and taken back if it raises.

        Raises StoreUnavailable; then nobody knows whether it is stored: it is to be repeated under its key.
        """

    def reading(self) -> AbstractContextManager[Session]:
        """Give a view of one instant, which only reads. Raises StoreUnavailable."""

    def size(self) -> int:
        """Give how many bytes the store takes. Raises StoreUnavailable."""

    def close(self) -> None:
        """Let go of the files and connections."""
