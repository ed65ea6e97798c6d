"""Codes from the lines of a file: over and over, once, or as it grows. Also from a FIFO or a serial line."""

from pathlib import Path

from sampler.device.sources import BadReading, Ended, NoValue
from sampler.device.sources.lines import LONGEST, LineBuffer, code, shown
from sampler.device.sources.open_file import OpenFile

AT_ENDS = ("wrap", "stop", "follow")
CHUNKS_A_READ = 16
"""How much of an endless line one reading passes over, 64 KiB: a tick has to end."""


class FileSource:
    """One code a line.

    At the end of a regular file, `wrap` starts again with what then stands at the path, and `stop` ends.
    `follow` begins at the end and waits for lines to be added, by name, as `tail -F` does: a file that was
    truncated is read from its start; one that was renamed is read to its end, and then its successor from the
    start. A last line without newline is a line to `wrap` and `stop`; `follow` waits for the rest of it.

    A FIFO or a character device (set a serial line up with `stty raw` before) without data gives no value,
    and is waited for; `stop` ends when a FIFO's writer has gone.

    A file that cannot be opened or read is a bad reading, and the next reading tries again, once.
    """

    def __init__(self, path: Path, at_end: str = "wrap") -> None:
        if at_end not in AT_ENDS:
            raise ValueError(f"at_end must be one of {', '.join(AT_ENDS)}, not {at_end!r}")
        self._path = path
        self._at_end = at_end
        self._lines = LineBuffer()
        self._file: OpenFile | None = None
        self._from_end = at_end == "follow"
        if self._from_end:
            self._open_at_once()

    def __str__(self) -> str:
        return str(self._path)

    def read(self) -> int:
        """Give the next line's code. Raises BadReading, NoValue or Ended."""
        line = self._lines.pop()
        return code(self._next_line() if line is None else line, self)

    def close(self) -> None:
        """Close the file; a later `read` would open it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open_at_once(self) -> None:
        # What is added between the start and the first reading is new.
        try:
            self._open()
        except (OSError, ValueError) as error:
            self._failed(error)

    def _open(self) -> OpenFile:
        self._file = file = OpenFile(self._path)
        if self._from_end and file.to_end():
            self._lines.skip_line()  # the end of a number is not a number
        self._from_end = False
        return file

    def _failed(self, error: OSError | ValueError) -> BadReading:
        """Let go of the file. `follow` goes on at its end: what is past must not pass for the present."""
        self.close()
        self._lines.clear()
        self._from_end = self._at_end == "follow" and not isinstance(error, FileNotFoundError)
        return self._unreachable(error)

    def _unreachable(self, error: OSError | ValueError) -> BadReading:
        reason = error.strerror if isinstance(error, OSError) else error
        return BadReading("failed", f"cannot read {self}: {reason}")

    def _next_line(self) -> bytes:
        for _ in range(CHUNKS_A_READ):
            self._fill()
            line = self._lines.pop()
            if line is not None:
                return line
        raise BadReading("unreadable", f"{self}: a line of more than {LONGEST} bytes goes on")

    def _fill(self) -> None:
        try:
            file = self._file or self._open()
            chunk = file.chunk()
            if chunk:
                self._lines.feed(chunk)
            else:
                self._end(file)
        except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
            raise self._failed(error) from error

    def _end(self, file: OpenFile) -> None:
        if self._at_end == "follow":
            self._await_growth(file)
        elif self._lines.unfinished:
            self._lines.feed(b"\n")
        elif self._at_end == "stop" and (file.gave_data or not file.is_stream):
            raise Ended(f"{self} has ended")
        elif file.is_stream:
            self._await_growth(file)
        else:
            self._wrap(file)

    def _wrap(self, file: OpenFile) -> None:
        self.close()  # to be opened by name: another file may have been put in its place
        if not file.gave_data:
            raise BadReading("blank", f"{self} is empty")

    def _await_growth(self, file: OpenFile) -> None:
        try:
            found = self._path.stat()
        except OSError as error:
            # The file stays open: its writer may go on with it under another name.
            raise self._unreachable(error) from error
        if not file.is_same(found):
            self._change_over(file)
        elif file.rewind_if_shorter(found):
            self._drop_cut_line("truncated")
        else:
            raise NoValue

    def _change_over(self, old: OpenFile) -> None:
        # Its writer wrote the last line before it made the new file, but perhaps after the end was seen here.
        last = old.chunk()
        if last:
            self._lines.feed(last)
        else:
            self.close()
            self._drop_cut_line("replaced")

    def _drop_cut_line(self, what: str) -> None:
        rest = self._lines.clear()
        if rest:
            raise BadReading("unreadable", f"{self}: {what} in the middle of a line, after {shown(rest)}")
