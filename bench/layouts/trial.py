"""A layout under a load, and what that cost."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import apsw

from bench.layouts.kinds import Layout
from bench.layouts.load import SENSORS, Reading

LOG_MOST = 16 << 20
"""The log is moved into the database when it has so many bytes."""


class Cost(NamedTuple):
    """What a layout costs under a load: of several trials, the smallest of each is least disturbed by neighbours."""

    wall_us: float
    cpu_us: float
    later_us: float
    """A reading; the last is what of the processor's goes into tidying."""
    disk: float
    log: float
    """Bytes a reading: what it takes in the end, and what was written ahead."""
    one_ms: float
    all_ms: float
    """To read an hour of one sensor, and of all."""


def opened(path: Path) -> apsw.Connection:
    """Open the database, each commit to be synced."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
    return connection


class Trial:
    """A layout in a database that has a past."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._layout, self._connection = layout, opened(path)
        self._log_path = path.with_name(f"{path.name}-wal")
        self._log, self._before = 0, self._used()
        self._wall = self._cpu = self._later = 0.0

    def run(self, commits: list[list[Reading]]) -> Cost:
        """Write it all, read before the last is tidied, and tidy."""
        number = sum(map(len, commits))
        with contextlib.closing(self._connection):
            with self._timed():
                for readings in commits:
                    self._commit(readings)
            one_ms, all_ms = self._reading(number)
            with self._timed():
                self._tidy()
                self._checkpoint()
            disk = (self._used() - self._before) / number
        wall, cpu, later = (spent / number * 1e6 for spent in (self._wall, self._cpu, self._later))
        return Cost(wall, cpu, later, disk, self._log / number, one_ms, all_ms)

    def _commit(self, readings: list[Reading]) -> None:
        with self._connection:
            self._layout.write(self._connection, readings)
        if self._layout.is_due():
            self._tidy()
        if self._log_path.stat().st_size > LOG_MOST:
            self._checkpoint()

    def _tidy(self) -> None:
        began = time.process_time()
        with self._connection:
            self._layout.tidy(self._connection)
        self._later += time.process_time() - began

    def _checkpoint(self) -> None:
        self._log += self._log_path.stat().st_size
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _reading(self, number: int) -> tuple[float, float]:
        """Give the milliseconds of an hour's readings, of a sensor and of all."""
        some = range(0, SENSORS, SENSORS // 10)
        began = time.perf_counter()
        for sensor in some:
            self._layout.of_sensor(self._connection, sensor)
        between = time.perf_counter()
        found = self._layout.of_all(self._connection)
        if found != number:
            raise SystemExit(f"{type(self._layout).__name__}: {found} readings of {number}")
        return (between - began) / len(some) * 1e3, (time.perf_counter() - between) * 1e3

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self._wall += time.perf_counter() - wall
        self._cpu += time.process_time() - cpu

    def _used(self) -> int:
        pages, free, size = (
            int(str(self._connection.pragma(name))) for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size
