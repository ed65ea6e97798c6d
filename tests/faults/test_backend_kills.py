"""`kill -9` of the backend under load: what was answered is there, and nothing is there twice."""

import os
import time
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.effort import chance, much, note
from tests.faults.load import Load
from tests.faults.rooms import rooms_of

pytestmark = pytest.mark.real

KILLS = int(os.environ.get("FAULT_KILLS", much("4", "30")))


def test_kills_under_load_lose_and_double_nothing_that_was_answered(
    tmp_path: Path, database_url: str | None
) -> None:
    fate = chance("kills of the backend")
    with BackendProcess(tmp_path, database_url=database_url) as backend:
        with Load(rooms_of(backend), [backend.url]) as load:
            for _ in range(KILLS):
                time.sleep(fate.uniform(0.05, 0.6))
                backend.kill()
                note("kill -9 of the backend at random instants")
                backend.start()

        assert load.repetitions >= KILLS, "nobody was there to be disturbed"
        load.check(backend.url)
        backend.command("verify")
        assert "ERROR" not in backend.log.read_text()
