"""One live line at the foot of a terminal, below the log lines."""

import os
import shutil
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

    def wipe(self) -> None:
        self._write(_WIPE)

    def draw(self) -> None:
        # A line that wraps could not be wiped again.
        self._write(self._text[: shutil.get_terminal_size().columns - 1])

    def _write(self, text: str) -> None:
        # The terminal may have been closed, which is no reason to stop sampling.
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()
