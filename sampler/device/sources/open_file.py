"""One open file, FIFO or character device, read without ever waiting for data."""

import os
import stat
from pathlib import Path

from sampler.device.sources import NoValue

CHUNK = 4096


class OpenFile:
    """What stands at a path now, until it is closed. Everything here may raise OSError."""

    def __init__(self, path: Path) -> None:
        # O_NONBLOCK: neither opening a FIFO nor reading a quiet serial line may hold up a tick.
        # O_NOCTTY: a serial line must not become the terminal whose hang-up ends the daemon.
        self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        found = os.fstat(self._fd)
        self._identity = (found.st_dev, found.st_ino)
        self.is_stream = not stat.S_ISREG(found.st_mode)
        self.gave_data = False

    def chunk(self) -> bytes:
        """Give the next 4 KiB at most; nothing at the end. Raises NoValue where a stream has nothing yet."""
        try:
            chunk = os.read(self._fd, CHUNK)
        except BlockingIOError:
            raise NoValue from None
        self.gave_data = self.gave_data or bool(chunk)
        return chunk

    def to_end(self) -> bool:
        """Go to the end of a regular file, and tell whether that is in the middle of a line."""
        if self.is_stream:
            return False
        end = os.lseek(self._fd, 0, os.SEEK_END)
        return end > 0 and os.pread(self._fd, 1, end - 1) != b"\n"

    def is_same(self, found: os.stat_result) -> bool:
        """Tell whether `found` is still this file. Its number cannot be given to another while it is open."""
        return (found.st_dev, found.st_ino) == self._identity

    def rewind_if_shorter(self, found: os.stat_result) -> bool:
        """Go back to the start if the file now ends before the place that was read up to, and tell so."""
        if self.is_stream or found.st_size >= os.lseek(self._fd, 0, os.SEEK_CUR):
            return False
        os.lseek(self._fd, 0, os.SEEK_SET)
        return True

    def close(self) -> None:
        """Close it."""
        os.close(self._fd)
