"""An event loop that runs what is ready until nothing is: no selector, no thread, no clock."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any


class Loop(asyncio.AbstractEventLoop):
    """Time stands still in it, so nothing in it is ever too late; what is for a thread is done at once.

    The order in which things are done depends on nothing but the order in which they were asked for.
    """

    def __init__(self) -> None:
        self._ready: deque[asyncio.Handle] = deque()
        self._abandoned = False

    def abandon(self) -> None:
        """Leave all that waits as it is: nobody will ever hear of it."""
        self._ready.clear()
        self._abandoned = True

    def settle(self) -> None:
        """Run until nothing is ready; what then still waits has nobody to wake it."""
        asyncio._set_running_loop(self)
        try:
            while self._ready:
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(None)

    def call_soon(  # type: ignore[override] # typeshed ties the arguments to the callback
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Let it be ready."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment] # as above

    def time(self) -> float:
        """Give always the same."""
        return 0.0

    def call_at(  # type: ignore[override] # as above
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Let it never be ready: that time does not come."""
        return asyncio.TimerHandle(when, callback, args, self, context)

    call_later = call_at  # type: ignore[assignment] # as above

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Have nothing to forget."""

    def create_future(self) -> "asyncio.Future[Any]":
        """See asyncio."""
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **named: Any) -> "asyncio.Task[Any]":
        """See asyncio."""
        return asyncio.Task(coro, loop=self, **named)

    def run_in_executor(  # type: ignore[override] # as above
        self, _executor: object, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Do here and now what is for a thread."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is the answer
            future.set_exception(error)
        return future

    def get_task_factory(self) -> None:
        """Have none."""

    def get_debug(self) -> bool:
        """Say no."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Let nothing that goes wrong pass unseen."""
        if not self._abandoned:
            raise context.get("exception") or RuntimeError(context["message"])
