"""What is done in the background: small pieces of work, one after the other, while requests go on."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from sampler.backend.store import StoreUnavailable

log = logging.getLogger(__name__)

Chore = Callable[[], Awaitable[bool]]
"""Does a short piece of work, if there is any; says whether there may be more of it."""

_PAUSE_S = 1.0
_AFTER_A_FAULT_S = 60.0
_SLIGHT_STEP_S = 60.0
_LASTING_S = 86_400.0


def now_and_then(
    chore: Chore, pause_s: float = 60.0, monotonic: Callable[[], float] = time.monotonic
) -> Chore:
    """Give the chore as one that is left alone for a while when there is no more of it."""
    again_at = float("-inf")

    async def sometimes() -> bool:
        nonlocal again_at
        if monotonic() < again_at:
            return False
        more = await chore()
        if not more:
            again_at = monotonic() + pause_s
        return more

    return sometimes


class Maintenance:
    """Does the chores again and again; where there is nothing to do, it looks again after the pause."""

    def __init__(self, chores: Sequence[Chore], pause_s: float = _PAUSE_S) -> None:
        self._chores = chores
        self._pause_s = pause_s
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._ending.clear()
        self._task = asyncio.create_task(self._go_on())

    async def stop(self) -> None:
        """End, after the piece of work that was begun: it reads from a store that is closed next."""
        self._ending.set()
        if self._task:
            await self._task

    async def _go_on(self) -> None:
        while not self._ending.is_set():
            wait = await self._once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), wait)

    async def _once(self) -> float:
        """Do each chore once, and give how long to wait."""
        wait = self._pause_s
        for chore in self._chores:
            if self._ending.is_set():
                break
            try:
                if await chore():
                    wait = 0.0
            except StoreUnavailable:
                return self._pause_s  # who writes tells of it
            except Exception:
                log.exception("maintenance failed and goes on in %.0f s", _AFTER_A_FAULT_S)
                return _AFTER_A_FAULT_S
        return wait


class WaryClock:
    """The wall clock for those who throw away what is old: a wrong one must not make everything old at once.

    Gives the seconds since 1970, and takes no notice of a step ahead before it has lasted a day. Steps back and
    slight ones are followed at once: by them nothing gets lost that should be kept. What the clock shows first is
    believed.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset = wall() - monotonic()
        self._ahead_since: float | None = None

    def __call__(self) -> float:
        """Give the time."""
        ran = self._monotonic()
        offset = self._wall() - ran
        if offset <= self._offset + _SLIGHT_STEP_S or self._lasts(ran):
            self._offset, self._ahead_since = offset, None
        return ran + self._offset

    def _lasts(self, ran: float) -> bool:
        if self._ahead_since is None:
            self._ahead_since = ran
        return ran - self._ahead_since >= _LASTING_S
