"""Coroutines that wait for nobody, run without a loop."""

from collections.abc import AsyncIterator, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def result(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it to its end: where it gives others their turn, it has its own again at once."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration as end:
            found: T = end.value
            return found


async def one_by_one(items: Iterable[T]) -> AsyncIterator[T]:
    """Give them as if they came over a network."""
    for item in items:
        yield item
