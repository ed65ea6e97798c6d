"""Readings put into a store, and its background work, done at a time of the test's choice."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing

from sampler.backend.commits import Commits
from sampler.backend.readings.upkeep import Upkeep
from sampler.backend.store import Row, Store
from sampler.backend.store.readings import adding
from sampler.backend.store.readings.series import Series

HOUR_S = 3600


def bring(store: Store, *parts: Series) -> None:
    """Store what one request brings, in a commit of its own."""
    with store.writing() as session:
        adding.add(session, parts)


def rows(store: Store, sql: str) -> list[Row]:
    """Look into the tables."""
    with store.reading() as session:
        return session.rows(sql)


def change(store: Store, sql: str) -> None:
    """Do what no backend does."""
    with store.writing() as session:
        session.run(sql)


def at(store: Store, now: float, keep: Mapping[str, int] | None = None) -> "Cleaner":
    """Somebody who does the chores at that second since 1970."""
    return Cleaner(store, now, keep or {})


class Cleaner:
    """Does one chore after the other, each until there is no more to do."""

    def __init__(self, store: Store, now: float, keep: Mapping[str, int]) -> None:
        self.now = now
        self._store = store
        self._keep = keep

    def move(self) -> int:
        """Move arrivals; how often there was something to do."""
        return self._do(lambda upkeep: upkeep.move)

    def merge(self) -> int:
        return self._do(lambda upkeep: upkeep.merge)

    def expire(self) -> int:
        return self._do(lambda upkeep: upkeep.expire)

    def purge(self) -> int:
        return self._do(lambda upkeep: upkeep.purge)

    def _do(self, chosen: Callable[[Upkeep], Callable[[], Awaitable[bool]]]) -> int:
        async def until_done(commits: Commits) -> int:
            chore = chosen(Upkeep(self._store, commits, self._keep, lambda: self.now))
            times = 0
            while await chore():
                times += 1
            return times

        with closing(Commits(self._store).start()) as commits:
            return asyncio.run(until_done(commits))
