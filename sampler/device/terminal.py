"""One live line at the foot of a terminal, below the log lines."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from sampler.device.assembly import Parts
from sampler.device.logs import line_handler
from sampler.device.summary import summary

_WIPE = "\r\x1b[2K"


@contextmanager
def live(stream: TextIO) -> Iterator[Callable[[Parts], None] | None]:
    """Give what draws the line, None where no one looks: under a supervisor, in a pipe, on a dumb terminal."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    line = _Line(stream)
    handler = line_handler()
    handler.before_line, handler.after_line = line.wipe, line.draw
    try:
        yield line.update
    finally:
        line.update_text("")
        handler.before_line = handler.after_line = lambda: None


class _Line:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""

    def update(self, parts: Parts) -> None:
        self.update_text(summary(parts))

    def update_text(self, text: str) -> None:
        handler = line_handler()
        handler.acquire()
        try:
            self._text = text
            self.wipe()
            self.draw()
        finally:
            handler.release()

    # The terminal may have been closed, which is no reason to stop sampling.

    def wipe(self) -> None:
        with suppress(OSError):
            self._stream.write(_WIPE)
            self._stream.flush()

    def draw(self) -> None:
        with suppress(OSError):
            columns = os.get_terminal_size(self._stream.fileno()).columns or 80
            self._stream.write(self._text[: columns - 1])  # a line that wraps could not be wiped again
            self._stream.flush()
