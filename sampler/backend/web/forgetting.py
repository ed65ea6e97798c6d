"""First answers are kept for a while, and then no more."""

import time
from collections.abc import Callable

from sampler.backend.commits import Commits
from sampler.backend.store import answers

_AT_ONCE = 500
_PAUSE_S = 60.0


class Forgetting:
    """Forgets them in small steps."""

    def __init__(self, commits: Commits, kept_s: int, clock: Callable[[], float] = time.time) -> None:
        self._commits = commits
        self._kept_s = kept_s
        self._clock = clock
        self._again_at = 0.0

    async def chore(self) -> bool:
        """Forget some; see `maintenance`."""
        now = self._clock()
        # A clock that was set back is not waited for.
        if self._again_at - _PAUSE_S <= now < self._again_at:
            return False
        before = int(now) - self._kept_s
        more = (
            await self._commits.write(lambda session: answers.forget(session, before, _AT_ONCE)) == _AT_ONCE
        )
        self._again_at = now if more else now + _PAUSE_S
        return more
