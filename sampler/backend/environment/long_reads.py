"""Questions that read many rows: answered in threads, few at a time."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_AT_ONCE = 2  # so that threads are left for what is answered at once

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


class LongReads:
    """Lets them have their turns."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def run(
        self, read: Callable[Parameters, Result], *args: Parameters.args, **more: Parameters.kwargs
    ) -> Result:
        """Wait for a turn, and read in a thread."""
        async with self._turns:
            return await asyncio.to_thread(read, *args, **more)
