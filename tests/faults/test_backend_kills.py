"""`kill -9` of the backend under load: what was answered is there, and nothing is there twice."""

import contextlib
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backend_process import BackendProcess
from tests.faults.load import Load
from tests.faults.rooms import rooms_of
from tests.postgresql import PostgresqlServer

pytestmark = pytest.mark.real

KILLS = int(os.environ.get("FAULT_KILLS", "4"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BackendProcess]:
    with contextlib.ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            url = stack.enter_context(server.new_database())
        yield stack.enter_context(BackendProcess(tmp_path, database_url=url))


def test_kills_under_load_lose_and_double_nothing_that_was_answered(backend: BackendProcess) -> None:
    print(f"FAULT_SEED={SEED} FAULT_KILLS={KILLS}")  # noqa: T201 - pytest shows it where this fails
    chance = random.Random(SEED)
    with Load(rooms_of(backend), [backend.url]) as load:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.6))
            backend.kill()
            backend.start()

    assert load.repetitions >= KILLS, "nobody was there to be disturbed"
    load.check(backend.url)
    backend.command("verify")
    assert "ERROR" not in backend.log.read_text()
