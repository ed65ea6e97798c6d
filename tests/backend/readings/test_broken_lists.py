"""A list that cannot be finished is never taken for a whole one: the connection is cut in the middle."""

import http.client
import json
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import requests

from sampler.backend.store.opening import open_store
from tests.backend.readings.keeping_house import at, change, rows
from tests.backend_process import BackendProcess
from tests.postgresql import PostgresqlServer

pytestmark = pytest.mark.real

FIRST = 1_640_995_200  # 2022-01-01
MANY = 120_000
"""Readings: more bytes than the two ends of a connection hold by themselves."""
FEW = 30_000
"""As many bytes with names of 200 characters: a hundred such lists are begun in a quarter of the time."""
ADDRESS = "/data?from=2022-01-01&to=2022-01-31"


def fill(backend: BackendProcess, name: str = "a", many: int = MANY) -> None:
    lines = (f"{FIRST + second} {name} {second}" for second in range(many))
    headers = {"Content-Type": "text/plain"}
    answer = requests.post(f"{backend.url}/data", "\n".join(lines), headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    with closing(open_store(backend.database_url)) as store:
        while rows(store, "SELECT number FROM arrivals"):  # the backend moves them, too
            at(store, 2e9).move()


def is_cut(backend: BackendProcess, meanwhile: Callable[[], object] = lambda: None) -> bool:
    """Whether a list breaks off, of which the client has read the beginning when something happens."""
    with closing(http.client.HTTPConnection("127.0.0.1", backend.port, timeout=30)) as connection:
        connection.request("GET", ADDRESS)
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.read(1000).startswith(b'[{"time":"2022-01-01T00:00:00.000Z","name":"a","value":0.0},{')
        meanwhile()
        try:
            answer.read()
        except (http.client.IncompleteRead, ConnectionResetError):
            return True
    return False


def test_a_list_is_cut_when_its_file_goes_away(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend:
        fill(backend)

        assert is_cut(backend, lambda: (tmp_path / "backend.db").rename(tmp_path / "away.db"))
        assert requests.get(backend.url + ADDRESS, timeout=10).status_code == 503

        (tmp_path / "away.db").rename(tmp_path / "backend.db")
        assert len(requests.get(backend.url + ADDRESS, timeout=60).json()) == MANY


def test_a_list_is_cut_when_its_server_goes_away(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    with postgresql.new_database() as url, BackendProcess(tmp_path, database_url=url) as backend:
        fill(backend)

        assert is_cut(backend, lambda: shut_out(postgresql, url.rpartition("/")[2]))


def shut_out(postgresql: PostgresqlServer, database: str) -> None:
    postgresql.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    postgresql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")  # noqa: S608


def test_a_list_is_cut_at_readings_that_are_damaged_and_statistics_go_on(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend:
        fill(backend)
        with closing(open_store(backend.database_url)) as store:
            change(store, "UPDATE blocks SET data = zeroblob(50) WHERE hour = (SELECT max(hour) FROM blocks)")

        assert is_cut(backend)
        early = requests.get(f"{backend.url}/data?from=2022-01-01&to=2022-01-01T00:00:09Z", timeout=10)
        assert len(json.loads(early.content)) == 10
        assert requests.get(f"{backend.url}/statistics/a", timeout=10).json()["count"] == MANY
        assert "Damaged: form 0 is unknown" in backend.log.read_text()


def test_so_many_lists_are_read_at_once_and_no_more(tmp_path: Path) -> None:
    # Who is counted must not hang on when Python's collector happens to come.
    (tmp_path / "sitecustomize.py").write_text("import gc\n\ngc.disable()\n")
    backend = BackendProcess(tmp_path)
    backend.environ["PYTHONPATH"] = str(tmp_path)
    with backend, ExitStack() as readers:
        fill(backend, "a" * 200, FEW)

        def status() -> int:
            """Begin a list of which nothing is read."""
            reader = readers.enter_context(
                closing(http.client.HTTPConnection("127.0.0.1", backend.port, timeout=30))
            )
            reader.request("GET", ADDRESS)
            return reader.getresponse().status

        assert [status() for _ in range(100)] == [200] * 100
        refused = requests.get(backend.url + ADDRESS, timeout=30)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")

        readers.close()
        until = time.monotonic() + 10
        while (again := requests.get(backend.url + ADDRESS, timeout=60)).status_code == 503:
            assert time.monotonic() < until, "those who went away are still counted"
        assert len(again.json()) == FEW
