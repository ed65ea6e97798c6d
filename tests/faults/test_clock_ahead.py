"""Somebody sets the backend's wall clock far ahead, and back again: nothing gets too old by that."""

import shutil
import time
from pathlib import Path

import pytest
import requests

from tests.backend_process import BackendProcess
from tests.faults.device_process import until
from tests.faults.test_clock_steps import DAY_S, SteppedClock

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not shutil.which("cc"), reason="needs cc (Debian: gcc libc6-dev), to build a clock that steps"
    ),
]


def commits(backend: BackendProcess) -> int:
    figures = requests.get(f"{backend.url}/metrics", timeout=10).text
    [found] = [line for line in figures.splitlines() if "commit_operations_count" in line]
    return int(float(found.split()[1]))


def post(backend: BackendProcess, time_s: int, name: str) -> None:
    headers = {"Content-Type": "text/plain", "Idempotency-Key": name}
    answer = requests.post(f"{backend.url}/data", f"{time_s} {name} 1.5\n", headers=headers, timeout=10)
    assert answer.json() == {"success": True}


def test_a_clock_far_ahead_for_a_while_expires_no_reading_and_forgets_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SteppedClock(tmp_path)
    for name, value in clock.environ.items():
        monkeypatch.setenv(name, value)
    now = int(time.time())

    with BackendProcess(tmp_path, "--keep", "400d") as backend:
        for days, sensor in ((600, "a"), (601, "b"), (602, "c")):
            post(backend, now, sensor)
            before = commits(backend)
            clock.move(days * DAY_S)
            # What came just before is now old enough to be moved, which is the first of the background's chores.
            until(lambda before=before: commits(backend) > before)
        clock.move(0)
        for sensor in ("a", "b", "c"):
            post(backend, now, sensor)

        period = {"from": "2020-01-01", "to": "2199-01-01"}
        found = requests.get(f"{backend.url}/data", period, timeout=10).json()
    assert [(entry["name"], entry["value"]) for entry in found] == [("a", 1.5), ("b", 1.5), ("c", 1.5)]
