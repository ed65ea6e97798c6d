"""A request's rows -> the store, in commits so small that others' go between them, and all of them or none."""

import time
from collections.abc import AsyncIterator, Callable, Sequence

from sampler.backend.commits import Commits
from sampler.backend.environment import documents
from sampler.backend.environment.documents import PostedRow
from sampler.backend.environment.leftovers import Leftovers
from sampler.backend.store import Session, answers
from sampler.backend.store.answers import Answer, Once
from sampler.backend.store.environment import batches, rows
from sampler.backend.store.environment.batches import Batch
from sampler.backend.store.environment.rows import Values

AT_ONCE = 500
_BYTES_A_ROW = 200
_APART = "a batch"
"""Stands for the media type of an answer that is too long to be kept: its body names the batch that it lists."""


class Intake:
    """Takes requests in. Up to five hundred rows are one commit.

    More are stored as they arrive, as a batch that nobody sees before its last rows are there; of a request that
    turns out to be wrong, or has no end, they are removed again.
    """

    def __init__(self, commits: Commits, leftovers: Leftovers) -> None:
        self._commits = commits
        self._leftovers = leftovers

    async def take(
        self, user: int, pieces: AsyncIterator[list[PostedRow]], once: Callable[[], Once | None]
    ) -> Answer:
        """Give the answer when all is on the disk; `once` is asked when the pieces are over.

        Raises Invalid, StoreUnavailable, KeyReused, and what the pieces raise; then nothing of it is stored.
        """
        waiting: list[Values] = []
        count, batch = 0, 0
        try:
            async for piece in pieces:
                waiting += documents.values(piece, count)
                count += len(piece)
                while len(waiting) > AT_ONCE:
                    batch = await self._stage(user, batch, waiting[:AT_ONCE])
                    del waiting[:AT_ONCE]
            return await self._finish(user, batch, waiting, once())
        finally:
            if batch:
                self._leftovers.give_up(batch)  # which does nothing if it is whole

    async def _stage(self, user: int, batch: int, some: Sequence[Values]) -> int:
        now = int(time.time())

        def work(session: Session) -> int:
            number = batch or batches.begin(session, now)
            batches.add(session, number, user, some, now)
            return number

        return await self._commits.write(work, _BYTES_A_ROW * len(some))

    async def _finish(self, user: int, batch: int, rest: Sequence[Values], once: Once | None) -> Answer:
        now = int(time.time())

        def work(session: Session) -> Answer:
            if not batch:
                return Answer(201, documents.listing(rows.add(session, user, rest), rest))
            whole = batches.add(session, batch, user, rest, now)
            batches.publish(session, batch)
            return Answer(201, b"%d %d" % (whole.number, whole.last), _APART)

        return await self._commits.write(
            lambda session: answers.once(session, once, work), _BYTES_A_ROW * len(rest)
        )


def kept_apart(answer: Answer) -> Batch | None:
    """Give the batch that an answer is to list, if it is not in the answer itself."""
    if answer.media_type != _APART:
        return None
    number, last = map(int, answer.body.split())
    return Batch(number, last)
