"""A recorded ADC log as windows: what the daemon would have made of it, had it run then. Pure but for the reading."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO

from sampler.device.sampling import Plan
from sampler.device.sensor import BadReading, Ended, Sensor
from sampler.device.sources.lines import LineBuffer, code
from sampler.device.window import Window

CHUNK = 65_536
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Recording:
    """A source of codes: one a line, to the end of the file. `advance` is told of each piece read, in bytes."""

    file: IO[bytes]
    name: str
    advance: Callable[[int], object]
    _lines: LineBuffer = field(default_factory=LineBuffer)

    def __str__(self) -> str:
        return self.name

    def read(self) -> int:
        """Give the next line's code. Raises BadReading, Ended, or OSError."""
        line = self._lines.pop()
        return code(self._next_line() if line is None else line, self)

    def close(self) -> None:
        """Leave the file to whoever opened it."""

    def _next_line(self) -> bytes:
        while chunk := self.file.read(CHUNK):
            self.advance(len(chunk))
            self._lines.feed(chunk)
            if (line := self._lines.pop()) is not None:
                return line
        if self._lines.unfinished:
            self._lines.feed(b"\n")  # the last line is a line without its newline, too
        if (line := self._lines.pop()) is not None:
            return line
        raise Ended(f"{self} has ended")


@dataclass
class Replay:
    """Windows one after the other, from a start in UTC; the last one closes as it stood. `bad` counts lines by kind."""

    sensor: Sensor
    plan: Plan
    start: datetime
    bad: Counter[str] = field(default_factory=Counter)
    readings: int = 0

    def windows(self) -> Iterator[Window]:
        """Give each window when it is full. May raise OSError."""
        window = self._open((self.start - _EPOCH) // timedelta(microseconds=1) * 1_000)
        try:
            while True:
                self._read(window)
                if window.due == window.planned:
                    yield window
                    window = self._open(window.closes)
        except Ended:
            if window.due:
                yield window.cut()

    def _read(self, window: Window) -> None:
        try:
            window.take(self.sensor.read())
        except BadReading as bad:
            window.spoil(bad.kind)
            self.bad[bad.kind] += 1
        self.readings += 1

    def _open(self, opened: int) -> Window:
        # Its instants are wall time: there was no other clock.
        return Window(
            self.plan.adc,
            "recorded",
            opened,
            self.plan.closes(opened, 0),
            self.plan.period,
            offset=0,
            start=opened,
        )
