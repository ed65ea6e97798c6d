"""The published backend's `output.txt`: a line for each measurement, in .NET's notation."""

import logging
from collections.abc import Sequence
from pathlib import Path

from sampler.backend.instants import round_trip
from sampler.backend.store.measurements import Measurement

log = logging.getLogger(__name__)


class OutputFile:
    """Appends a line for each measurement that was new, after its commit.

    The database is the truth: a crash between the commit and the line, or a file that cannot be written,
    loses the line; no line is ever written twice, and none for something that is not stored.
    """

    def __init__(self, path: Path) -> None:
        """Create the file if it is not there; raises OSError."""
        self._path = path
        self._failing = False
        self._append(b"")

    def write(self, measurements: Sequence[Measurement]) -> None:
        """Append the lines, or say in the log that it cannot."""
        try:
            self._append("".join(map(line, measurements)).encode())
        except OSError as error:
            if not self._failing:
                log.error("%s gets no more lines (the database goes on): %s", self._path, error)  # noqa: TRY400 - the reason is enough
            self._failing = True
        else:
            self._failing = False

    def _append(self, lines: bytes) -> None:
        # Opened anew each time: the file may be rotated or taken away under a server that runs for months.
        with self._path.open("ab") as file:
            file.write(lines)


def line(m: Measurement) -> str:
    """Write `[2021-04-12T20:20:20.0000000Z-2021-04-12T20:22:20.0000000Z] max: 1.13 min: 1.11 avg: 1.12`."""
    window = f"[{round_trip(m.start)}-{round_trip(m.end)}]"
    return f"{window} max: {_number(m.max)} min: {_number(m.min)} avg: {_number(m.average)}\n"


def _number(value: float) -> str:
    """Write the shortest form that reads back the same, as .NET does: 1.1, 23, 1E-05."""
    return repr(value).removesuffix(".0").replace("e", "E")
