"""One live line at the foot of a terminal, below the log lines."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from sampler.device.assembly import Parts
from sampler.device.logs import line_handler
from sampler.device.summary import summary

_WIPE = "\r\x1b[2K"


@contextmanager
def live(stream: TextIO) -> Iterator[Callable[[Parts], None] | None]:
    """Give what draws the line, None where no one looks: under a supervisor, in a pipe, on a dumb terminal."""
    if not stream.isatty():
        yield None
        return
    line = _Line(stream)
    handler = line_handler()
    handler.before_line, handler.after_line = line.wipe, line.draw
    try:
        yield line.update
    finally:
        handler.before_line = handler.after_line = line.nothing
        line.wipe()


class _Line:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""

    def nothing(self) -> None:
        """Leave the terminal alone."""

    def update(self, parts: Parts) -> None:
        self._text = summary(parts)
        handler = line_handler()
        handler.acquire()
        try:
            self.wipe()
            self.draw()
        finally:
            handler.release()

    def wipe(self) -> None:
        self._stream.write(_WIPE)

    def draw(self) -> None:
        # A line that wraps could not be wiped again.
        self._stream.write(self._text[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()
