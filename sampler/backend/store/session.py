"""What both engines' transactions have in common: what is stored together at their end, and savepoints."""

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

from sampler.backend.store import Row, Session, Value

_Sink = Callable[[Session, list[Any]], None]


class Gathering(Session):
    """A session that keeps in mind what is to be stored before the end."""

    def __init__(self) -> None:
        self._waiting: dict[_Sink, list[Any]] = {}

    def row(self, sql: str, /, **values: Value) -> Row | None:
        """See Session."""
        rows = self.rows(sql, **values)
        return rows[0] if rows else None

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
        try:
            with self._savepoint():
                yield
        except BaseException:
            # What others had brought waits again, even if it was stored inside the block meanwhile.
            self._waiting = {sink: waiting[sink][:length] for sink, length in lengths.items()}
            raise

    @abstractmethod
    def _savepoint(self) -> contextlib.AbstractContextManager[object]:
        """Begin the engine's own."""
