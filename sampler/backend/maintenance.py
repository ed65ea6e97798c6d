"""What is done in the background: small pieces of work, one after the other, while requests go on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from sampler.backend.store import StoreUnavailable

log = logging.getLogger(__name__)

Chore = Callable[[], Awaitable[bool]]
"""Does a short piece of work, if there is any; says whether there may be more of it."""

_PAUSE_S = 1.0
_AFTER_A_FAULT_S = 60.0


class Maintenance:
    """Does the chores again and again; where there is nothing to do, it looks again after the pause."""

    def __init__(self, chores: Sequence[Chore], pause_s: float = _PAUSE_S) -> None:
        self._chores = chores
        self._pause_s = pause_s
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._go_on())

    async def stop(self) -> None:
        """End; what was begun is either done as a whole or not at all."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(await self._once())

    async def _once(self) -> float:
        """Do each chore once, and give how long to wait."""
        wait = self._pause_s
        for chore in self._chores:
            try:
                if await chore():
                    wait = 0.0
            except StoreUnavailable:
                return self._pause_s  # who writes tells of it
            except Exception:
                log.exception("maintenance failed and goes on in %.0f s", _AFTER_A_FAULT_S)
                return _AFTER_A_FAULT_S
        return wait
