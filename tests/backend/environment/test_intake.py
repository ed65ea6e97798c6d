"""Large batches on their way in: what others see meanwhile, and what is left of one that has no end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from sampler.backend.commits import Commits
from sampler.backend.environment.documents import PostedRow
from sampler.backend.environment.intake import AT_ONCE, Intake
from sampler.backend.environment.leftovers import Leftovers
from sampler.backend.store import Store, StoreUnavailable
from sampler.backend.store.answers import Answer
from sampler.backend.store.environment import batches, rows
from sampler.backend.store.environment.rows import Wanted
from sampler.backend.store.opening import open_store
from tests.backend.environment.speaking import rows as posted

USER = 7
Pieces = AsyncIterator[list[PostedRow]]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with contextlib.closing(open_store(database_url)) as store:
        yield store


@pytest.fixture
def commits(store: Store) -> Iterator[Commits]:
    with contextlib.closing(Commits(store).start()) as commits:
        yield commits


def piece(many: int) -> list[PostedRow]:
    return [PostedRow(**row) for row in posted(many)]


def seen(store: Store) -> int:
    with store.reading() as session:
        return rows.count(session, Wanted(USER))


def kept(store: Store) -> int:
    """How many rows there are, whether or not anybody sees them."""
    with store.reading() as session:
        ((found,),) = session.rows("SELECT count(*) FROM environment")
        return int(found)


def unfinished(store: Store) -> list[int]:
    with store.reading() as session:
        return batches.abandoned(session, 2**62)


async def take(commits: Commits, pieces: Pieces) -> Answer:
    """Take a request in, and wait until what is left of it is cleared away."""
    leftovers = Leftovers(commits, shared=False)
    try:
        return await Intake(commits, leftovers).take(USER, pieces, lambda: None)
    finally:
        await leftovers.settled()


def test_nobody_sees_a_part_of_a_batch(store: Store, commits: Commits) -> None:
    meanwhile: list[tuple[int, bool]] = []

    async def pieces() -> Pieces:
        for _ in range(4):
            yield piece(AT_ONCE)
            meanwhile.append((seen(store), kept(store) > 0))

    asyncio.run(take(commits, pieces()))

    assert {number for number, _ in meanwhile} == {0}
    assert meanwhile[-1] == (0, True)  # there were rows to be seen
    assert seen(store) == kept(store) == 4 * AT_ONCE
    assert unfinished(store) == []


def test_others_are_stored_and_seen_between_the_parts(store: Store, commits: Commits) -> None:
    async def pieces() -> Pieces:
        for _ in range(3):
            yield piece(AT_ONCE + 1)
            await commits.write(lambda session: rows.add(session, USER, [rows.Values("a", 0, 0.0, 0.0, 0.0)]))

    answer = asyncio.run(take(commits, pieces()))

    assert seen(store) == 3 * (AT_ONCE + 1) + 3
    # The answer lists the batch without what came between its rows.
    with store.reading() as session:
        number, last = map(int, answer.body.split())
        found = batches.page(session, batches.Batch(number, last), 0, 10 * AT_ONCE)
    assert len(found) == 3 * (AT_ONCE + 1)


class Broken(Exception):  # noqa: N818 - it says what happens
    """What a client did."""


def test_what_is_left_of_a_broken_request_is_removed(store: Store, commits: Commits) -> None:
    async def pieces() -> Pieces:
        yield piece(3 * AT_ONCE)
        assert kept(store) > 0
        raise Broken

    with pytest.raises(Broken):
        asyncio.run(take(commits, pieces()))

    assert (kept(store), unfinished(store)) == (0, [])


def test_a_batch_that_was_given_up_meanwhile_is_not_stored_in_part(store: Store, commits: Commits) -> None:
    async def pieces() -> Pieces:
        yield piece(3 * AT_ONCE)
        (batch,) = unfinished(store)
        await commits.write(lambda session: batches.remove_some(session, batch, 1))
        yield piece(3 * AT_ONCE)

    with pytest.raises(StoreUnavailable, match="given up"):
        asyncio.run(take(commits, pieces()))

    assert (kept(store), unfinished(store)) == (0, [])


def begin(store: Store, now: float) -> None:
    """Leave a batch as a process does that is killed."""
    with store.writing() as session:
        batch = batches.begin(session, int(now))
        values = [rows.Values("a", number, 0.0, 0.0, 0.0) for number in range(2500)]
        batches.add(session, batch, USER, values, int(now))


async def start_and_stop(leftovers: Leftovers, done: Callable[[], bool]) -> None:
    await leftovers.start()
    async with asyncio.timeout(10):
        while not done():
            await asyncio.sleep(0.01)
    await leftovers.stop()


def test_a_start_removes_what_a_killed_process_left(store: Store, commits: Commits) -> None:
    begin(store, time.time())

    asyncio.run(start_and_stop(Leftovers(commits, shared=False), lambda: not unfinished(store)))

    assert (kept(store), seen(store), unfinished(store)) == (0, 0, [])


def test_on_a_shared_store_only_what_is_old_is_removed(store: Store, commits: Commits) -> None:
    begin(store, time.time() - 10)  # perhaps another instance is at it
    begin(store, time.time() - 3700)

    asyncio.run(start_and_stop(Leftovers(commits, shared=True), lambda: len(unfinished(store)) < 2))

    assert (kept(store), len(unfinished(store))) == (2500, 1)


def test_a_whole_batch_is_never_removed(store: Store, commits: Commits) -> None:
    async def pieces() -> Pieces:
        yield piece(3 * AT_ONCE)

    answer = asyncio.run(take(commits, pieces()))
    batch = int(answer.body.split()[0])

    async def give_up() -> Any:
        return await commits.write(lambda session: batches.remove_some(session, batch, 10))

    assert asyncio.run(give_up()) is False
    assert seen(store) == 3 * AT_ONCE


def test_numbers_are_never_given_again(store: Store, commits: Commits) -> None:
    begin(store, time.time())
    asyncio.run(start_and_stop(Leftovers(commits, shared=False), lambda: not unfinished(store)))

    with store.writing() as session:
        assert (
            rows.add(session, USER, [rows.Values("a", 0, 0.0, 0.0, 0.0)]) == 2502
        )  # behind a batch and its rows
