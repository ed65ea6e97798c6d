"""A hundred thousand rows in one request of contract E, while others are served as if nothing were."""

import contextlib
import itertools
import json
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import requests

from sampler.backend.store.opening import open_store
from tests.backend.signing_in import bearer
from tests.backend_process import BackendProcess
from tests.postgresql import PostgresqlServer

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl"),
]

ROWS = 100_000
SMALL_S = 0.1
MOST_MEMORY_MIB = 64
"""What a request of 12 MB with an answer of 14 MB may add to the process."""


def row(number: int, sensor: str = "large") -> dict[str, Any]:
    hours, minutes, seconds = number // 3600, number // 60 % 60, number % 60
    return {
        "sensor_id": sensor,
        "timestamp": f"2022-01-{1 + hours // 24:02}T{hours % 24:02}:{minutes:02}:{seconds:02}.000Z",
        "temperature": float(number % 50),
        "humidity": 40.5,
        "pressure": 1013.25,
    }


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "rows.json"
    path.write_text(json.dumps([row(number) for number in range(ROWS)]))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BackendProcess]:
    with contextlib.ExitStack() as stack:
        database = None
        if request.param == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            database = stack.enter_context(server.new_database())
        yield stack.enter_context(BackendProcess(tmp_path, database_url=database))


class Repeated:
    """Asks something again and again in a thread of its own, and keeps how long each answer took, in seconds."""

    def __init__(self, ask: Callable[[requests.Session], requests.Response]) -> None:
        self.seconds: list[float] = []
        self.statuses: set[int] = set()
        self._ask = ask
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def __str__(self) -> str:
        ms = [1000 * seconds for seconds in (statistics.median(self.seconds), self.p99, max(self.seconds))]
        return "{} times, median {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms".format(len(self.seconds), *ms)

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[int(0.99 * len(self.seconds))]

    def _run(self) -> None:
        with requests.Session() as session:
            while not self._ended.wait(0.01):
                began = time.perf_counter()
                self.statuses.add(self._ask(session).status_code)
                self.seconds.append(time.perf_counter() - began)


def memory_mib(backend: BackendProcess) -> float:
    """The most memory that it has had until now."""
    status = Path(f"/proc/{backend.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def user(backend: BackendProcess, tmp_path: Path, name: str) -> dict[str, str]:
    return bearer(backend.database_url, tmp_path / "backend.key", name)


def posting(backend: BackendProcess, body: Path, headers: dict[str, str], *more: str) -> list[str]:
    """The command that posts the file, from a process that takes no time from those who measure."""
    named = {"Content-Type": "application/json", "Expect": ""} | headers
    options = [option for name, value in named.items() for option in ("--header", f"{name}: {value}")]
    return ["curl", "--silent", *options, "--data-binary", f"@{body}", *more, f"{backend.url}/v1/data/"]


def total(backend: BackendProcess, headers: dict[str, str]) -> int:
    answer = requests.get(f"{backend.url}/v1/data/?per_page=1", headers=headers, timeout=10)
    return int(answer.json()["pagination"]["total"])


def test_a_large_batch_lets_others_be_served(backend: BackendProcess, body: Path, tmp_path: Path) -> None:
    ada, eva = user(backend, tmp_path, "ada"), user(backend, tmp_path, "eva")
    numbers = itertools.count()

    def health(client: requests.Session) -> requests.Response:
        return client.get(f"{backend.url}/healthz", timeout=10)

    def write(client: requests.Session) -> requests.Response:
        rows = [row(next(numbers), "small")]
        return client.post(f"{backend.url}/v1/data/", json=rows, headers=eva, timeout=10)

    with Repeated(health) as idle, Repeated(write) as before:
        time.sleep(2)
    memory = memory_mib(backend)
    with Repeated(health) as busy, Repeated(write) as writer:
        began = time.perf_counter()
        answer = subprocess.run(posting(backend, body, ada), check=True, capture_output=True).stdout
        seconds = time.perf_counter() - began
    more = memory_mib(backend) - memory
    print(  # noqa: T201 - what was measured, for who runs it with `pytest -s`
        f"\n/healthz on the idle backend: {idle}\n/healthz during the batch: {busy}"
        f"\nanother writer during the batch: {writer}"
        f"\nthe batch: {seconds:.1f} s, memory {memory:.0f} + {more:.0f} MiB"
    )

    rows = json.loads(answer)
    assert [{**one, "id": None} for one in rows] == [{"id": None, **row(number)} for number in range(ROWS)]
    assert total(backend, ada) == ROWS
    assert busy.statuses == {204}
    # On a machine that has nothing else to do it is less than 100 ms; what it is late by otherwise is not ours.
    assert busy.p99 < SMALL_S + max(idle.seconds)
    assert writer.statuses == {201}
    assert total(backend, eva) == len(before.seconds) + len(writer.seconds)
    assert len(writer.seconds) > 10
    assert more < MOST_MEMORY_MIB


def test_nothing_is_left_of_a_batch_whose_backend_was_killed(
    backend: BackendProcess, body: Path, tmp_path: Path
) -> None:
    ada = user(backend, tmp_path, "ada")
    for _ in range(3):
        slowly = posting(backend, body, ada, "--limit-rate", "4M")
        before = kept(backend)
        with subprocess.Popen(slowly, stdout=subprocess.DEVNULL) as client:
            wait_until(lambda before=before: kept(backend) > before)
            backend.kill()
            client.wait()
        backend.start()
        assert total(backend, ada) == 0

    key = {"Idempotency-Key": "after all"}
    first, second = (subprocess.check_output(posting(backend, body, ada | key)) for _ in range(2))

    assert first == second
    assert len(json.loads(first)) == total(backend, ada) == ROWS


def test_nothing_is_left_of_a_batch_whose_client_went_away(
    backend: BackendProcess, body: Path, tmp_path: Path
) -> None:
    ada = user(backend, tmp_path, "ada")
    with subprocess.Popen(posting(backend, body, ada, "--limit-rate", "4M")) as client:
        wait_until(lambda: kept(backend) > 0)
        client.kill()

    wait_until(lambda: kept(backend) == 0)
    assert total(backend, ada) == 0


def wait_until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kept(backend: BackendProcess) -> int:
    """How many rows there are, seen or not."""
    with contextlib.closing(open_store(backend.database_url)) as store, store.reading() as session:
        ((found,),) = session.rows("SELECT count(*) FROM environment")
        return int(found)
