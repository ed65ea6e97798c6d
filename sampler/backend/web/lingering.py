"""A connection's end in two steps (RFC 9112, 9.6), so that an answer outlives what is still on its way to us."""

import asyncio
from collections.abc import Callable
from typing import Any

LINGERS_S = 30.0
"""As long as we wait for headers: who sends a body of 11 MiB through to its end needs it, at 3 Mbit/s."""
LINGERS_BYTES = 128 * 1024 * 1024
"""Twice the largest body that any route takes."""


class Lingering:
    """A transport whose writing half alone is closed at first, if the client may still send; what comes is thrown away.

    If both were closed the kernel would answer what comes with a reset, which takes the answer from a client that reads
    only when all is sent: as most do. Everything else is the transport's.
    """

    def __init__(self, transport: asyncio.Transport, is_due: Callable[[], bool], seconds: float) -> None:
        """At last both are closed after so many seconds, whatever the client does."""
        self._transport = transport
        self._is_due = is_due
        self._seconds = seconds
        self._end: asyncio.TimerHandle | None = None
        self._left = LINGERS_BYTES

    def __getattr__(self, name: str) -> Any:
        """Give what the transport has."""
        return getattr(self._transport, name)

    @property
    def lingers(self) -> bool:
        """Whether nothing more is written, and what comes is for `discard`."""
        return self._end is not None

    def is_closing(self) -> bool:
        """Whether no answer can be written any more."""
        return self.lingers or self._transport.is_closing()

    def close(self) -> None:
        """Close it when what was written is out: at once if this is the second time."""
        if not self.is_closing() and self._is_due():
            self._end = asyncio.get_running_loop().call_later(self._seconds, self.close)
            self._transport.write_eof()
            self._transport.resume_reading()
            return
        if self._end:
            self._end.cancel()
        self._transport.close()

    def discard(self, data: bytes) -> None:
        """Throw away what has come."""
        self._left -= len(data)
        if self._left < 0:
            self.close()
