"""A hundred thousand rows in one request, while others are served as if nothing were: done-when 7 of contract E."""

import itertools
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.backend.signing_in import bearer
from tests.backend_process import BackendProcess
from tests.contract.conftest import running as running  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.real

ROWS = 100_000
AT_ONCE = 1000
JSON = {"Content-Type": "application/json"}


def row(number: int, sensor: str = "large") -> dict[str, Any]:
    minutes, seconds = divmod(number, 60)
    hours, minutes = divmod(minutes, 60)
    time_of_day = f"{hours % 24:02}:{minutes:02}:{seconds:02}"
    return {
        "sensor_id": sensor,
        "timestamp": f"2022-01-{1 + hours // 24:02}T{time_of_day}Z",
        "temperature": number % 50,
        "humidity": 40.5,
        "pressure": 1013.25,
    }


def body() -> Iterator[bytes]:
    """A hundred thousand rows, sent while they are made."""
    for start in range(0, ROWS, AT_ONCE):
        rows = json.dumps([row(number) for number in range(start, start + AT_ONCE)]).encode()
        yield (b"[" if start == 0 else b",") + rows[1:-1]
    yield b"]"


class Timed:
    """Does something again and again in a thread of its own, and keeps how long each took, in seconds."""

    def __init__(self, what: Callable[[requests.Session], requests.Response], pause: float) -> None:
        self.seconds: list[float] = []
        self.statuses: set[int] = set()
        self._what, self._pause = what, pause
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Timed":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        with requests.Session() as session:
            while not self._ended.wait(self._pause):
                began = time.perf_counter()
                self.statuses.add(self._what(session).status_code)
                self.seconds.append(time.perf_counter() - began)

    def __str__(self) -> str:
        ordered = sorted(self.seconds)
        p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
        return f"{len(ordered)} times, p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, max {ordered[-1] * 1e3:.1f} ms"


def rss_mib(pid: int) -> float:
    """The memory that a process has, at most, until now: VmHWM."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
