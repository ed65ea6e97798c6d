"""Somebody sets the backend's wall clock under load, by a day and to 1970: nothing is lost, doubled or miscounted."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.backend_process import BackendProcess
from tests.faults.device_process import until
from tests.faults.load import Load
from tests.faults.rooms import Customers, Readings, Temperatures
from tests.faults.test_clock_steps import DAY_S, SteppedClock

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not shutil.which("cc"), reason="needs cc (Debian: gcc libc6-dev), to build a clock that steps"
    ),
]


def test_steps_of_a_day_and_to_1970_under_load_move_nothing_but_the_hours_of_arrival(tmp_path: Path) -> None:
    clock = SteppedClock(tmp_path)
    with BackendProcess(tmp_path) as backend:
        backend.environ |= clock.environ
        backend.restart()
        # Without logins: they are for a quarter of an hour by that very clock.
        rooms = [Temperatures(), Readings(), Customers(backend)]
        hours = set()
        with Load(rooms, [backend.url]) as load:
            for moved in (0.0, +DAY_S, -DAY_S, -time.time(), 0.0):
                clock.move(moved)
                hours.add(hour_of(time.time() + moved))
                wanted = load.writes + 60
                until(lambda wanted=wanted: load.writes >= wanted)
                hours.add(hour_of(time.time() + moved))
        assert load.repetitions == 0, "somebody was not answered"
        load.check(backend.url)
        backend.command("verify")
        counted = requests.get(f"{backend.url}/customerStats", {"customer_id": "1"}, timeout=10).json()
    assert hours == {hour for hour, count in counted.items() if count["total_requests"]}


def hour_of(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:00:00Z")
