"""First answers are kept for a while, and then no more."""

import time
from collections.abc import Callable

from sampler.backend.commits import Commits
from sampler.backend.store import answers

_AT_ONCE = 500


class Forgetting:
    """Forgets them in small steps."""

    def __init__(self, commits: Commits, kept_s: int, clock: Callable[[], float] = time.time) -> None:
        self._commits = commits
        self._kept_s = kept_s
        self._clock = clock

    async def chore(self) -> bool:
        """Forget some; see `maintenance`."""
        now = int(self._clock())
        seen_to = await self._commits.write(
            lambda session: answers.forget(session, now, self._kept_s, _AT_ONCE)
        )
        return seen_to == _AT_ONCE
