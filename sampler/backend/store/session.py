"""What both engines' transactions have in common: what is stored together at their end, savepoints and streams."""

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from sampler.backend.store import Row, Session, StoreUnavailable, Value

_Sink = Callable[[Session, list[Any]], None]


class Gathering(Session):
    """A session that keeps in mind what is to be stored before the end, and which streams are open."""

    def __init__(self) -> None:
        self._waiting: dict[_Sink, list[Any]] = {}
        self._streams: list[Generator[Row, None, None]] = []

    def row(self, sql: str, /, **values: Value) -> Row | None:
        """See Session."""
        rows = self.rows(sql, **values)
        return rows[0] if rows else None

    def stream(self, sql: str, /, **values: Value) -> Iterator[Row]:
        """See Session."""
        stream = self._stream(sql, values)
        self._streams.append(stream)
        return stream

    def later(self, sink: _Sink, item: Any, /) -> None:
        """See Session."""
        self._waiting.setdefault(sink, []).append(item)

    def settle(self) -> None:
        """See Session."""
        while self._waiting:
            waiting, self._waiting = self._waiting, {}
            for sink, items in waiting.items():
                sink(self, items)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """See Session."""
        waiting, lengths = self._waiting, {sink: len(items) for sink, items in self._waiting.items()}
        self.run("SAVEPOINT block")
        try:
            yield
            self.run("RELEASE block")
        except StoreUnavailable:
            raise  # and the whole transaction is lost
        except BaseException:
            self.run("ROLLBACK TO block")
            self.run("RELEASE block")
            # What others had brought waits again, even if it was stored inside the block meanwhile.
            self._waiting = {sink: waiting[sink][:length] for sink, length in lengths.items()}
            raise

    def leave_streams(self) -> None:
        """End those that nobody has read to the end: they hold what the next transaction must not see."""
        for stream in self._streams:
            stream.close()

    @abstractmethod
    def _stream(self, sql: str, values: Mapping[str, Value]) -> Generator[Row, None, None]:
        """Run a query, when its first row is asked for."""
