"""The database goes away, or its disk is full: 503, and service again by itself, with every answered write."""

import itertools
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.backend_process import BackendProcess
from tests.faults.device_process import until
from tests.faults.disks import EXT4, Disk, disk_of, memory_disk, reason_for_no_disk
from tests.faults.effort import note
from tests.faults.load import Load
from tests.faults.rooms import Room, rooms_of
from tests.postgresql import PostgresqlServer, reason_for_no_postgresql

pytestmark = pytest.mark.real

needs_disk = pytest.mark.skipif(bool(reason_for_no_disk()), reason=reason_for_no_disk())
SOON_S = 12  # twice what the first request takes that finds the server standing still


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """A server to be maltreated."""
    if reason := reason_for_no_postgresql():
        pytest.skip(reason)
    with PostgresqlServer() as server:
        yield server


@pytest.fixture
def backend(server: PostgresqlServer, tmp_path: Path) -> Iterator[BackendProcess]:
    with server.new_database() as url, BackendProcess(tmp_path, database_url=url) as backend:
        yield backend


class Clients:
    """One of each room, all at once; each tells whether it was sent away with a 503, in the rooms' order."""

    def __init__(self, backend: BackendProcess) -> None:
        self.rooms = rooms_of(backend)
        self._url = backend.url

    def write(self, number: int) -> list[bool]:
        return self._ask(lambda room, client: room.post(client, self._url, number))

    def read(self) -> list[bool]:
        return self._ask(lambda room, client: room.read(client, self._url))

    def check(self, *numbers: int) -> None:
        for room in self.rooms:
            room.check(self._url, numbers)

    def _ask(self, ask: Callable[[Room, requests.Session], requests.Response]) -> list[bool]:
        def asked(room: Room) -> bool:
            with requests.Session() as client:
                return unavailable(ask(room, client))

        with ThreadPoolExecutor(len(self.rooms)) as pool:
            return list(pool.map(asked, self.rooms))


NONE, ALL = [False] * 4, [True] * 4


def unavailable(answer: requests.Response) -> bool:
    """Whether it says so, as it promises to; anything else than that and success is wrong."""
    assert answer.status_code in {200, 201, 204, 503}, answer.text
    if answer.status_code == 503:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
    assert answer.elapsed.total_seconds() < SOON_S
    return answer.status_code == 503


def healthy(backend: BackendProcess) -> bool:
    answer = requests.get(f"{backend.url}/healthz", timeout=10)
    assert answer.elapsed.total_seconds() < 4  # a load balancer does not wait for long
    return not unavailable(answer)


def alive(backend: BackendProcess) -> bool:
    return requests.get(f"{backend.url}/livez", timeout=2).status_code == 204


def told(backend: BackendProcess) -> list[str]:
    """What it has said since, without the seconds and the library's words."""
    lines = backend.trouble.splitlines()
    return [re.sub(r"(come again:|after) .*", r"\1", line) for line in lines]


IT_WENT_AND_CAME = [
    "ERROR nothing can be stored, clients are asked to come again:",
    "WARNING storing again after",
]


@pytest.mark.parametrize("outage", ["stop", "kill", "suspend"])
def test_a_postgresql_that_goes_away_is_answered_503_until_it_is_back(
    server: PostgresqlServer, backend: BackendProcess, outage: str
) -> None:
    clients = Clients(backend)
    assert clients.write(1) == clients.read() == NONE

    getattr(server, outage)()
    note(f"PostgreSQL: {outage}")
    try:
        assert clients.write(2) == clients.read() == ALL
        assert not healthy(backend)
        assert alive(backend)
    finally:
        server.resume() if outage == "suspend" else server.start()

    until(lambda: healthy(backend), 2 * SOON_S)
    assert clients.read() == clients.write(2) == NONE
    clients.check(1, 2)
    backend.command("verify")
    assert told(backend) == IT_WENT_AND_CAME


def test_a_postgresql_that_comes_and_goes_under_load_loses_and_doubles_nothing(
    server: PostgresqlServer, backend: BackendProcess
) -> None:
    with Load(rooms_of(backend), [backend.url]) as load:
        for go, come in (
            (server.stop, server.start),
            (server.kill, server.start),
            (server.suspend, server.resume),
        ):
            time.sleep(0.5)
            go()
            note(f"PostgreSQL: {go.__name__}")
            time.sleep(0.5)
            come()
            until(lambda: healthy(backend), 2 * SOON_S)

    load.check(backend.url)
    backend.command("verify")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Disk]:
    with memory_disk(tmp_path, "8m") as disk:
        yield disk


def see_it_full(backend: BackendProcess, clients: Clients, disk: Disk) -> None:
    """Fill the disk, see what is answered, make room, and see that all is well."""
    assert clients.write(1) == NONE
    ballast = disk.fill()
    until(lambda: clients.write(2) == ALL)
    assert not healthy(backend)
    assert alive(backend)
    assert clients.read() == NONE
    ballast.unlink()
    until(lambda: healthy(backend))
    assert clients.write(2) == NONE


@needs_disk
def test_on_a_full_disk_reading_still_works(tmp_path: Path, small_disk: Disk) -> None:
    with BackendProcess(tmp_path, database_url=f"sqlite:///{small_disk.place / 'b.db'}") as backend:
        clients = Clients(backend)
        see_it_full(backend, clients, small_disk)

        clients.check(1, 2)
        backend.command("verify")
        assert told(backend) == IT_WENT_AND_CAME


@needs_disk
def test_on_a_disk_that_has_become_read_only_reading_still_works(tmp_path: Path) -> None:
    with (
        disk_of(EXT4, tmp_path) as disk,
        BackendProcess(tmp_path, database_url=f"sqlite:///{disk.place / 'b.db'}") as backend,
    ):
        clients = Clients(backend)
        assert clients.write(1) == clients.read() == NONE
        disk.remount("abort")  # what the kernel does at an error: read-only until it is mounted anew

        assert clients.write(2) == ALL
        assert not healthy(backend)
        assert clients.read() == NONE

        backend.stop()
        disk.unmount()
        disk.mount()
        backend.start()
        assert clients.write(2) == NONE
        clients.check(1, 2)
        backend.command("verify")


@pytest.fixture
def reachable(tmp_path: Path) -> Iterator[Path]:
    """A folder that the server's user reaches, too."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@needs_disk
def test_a_postgresql_whose_disk_is_full_is_answered_503_and_can_be_read(
    tmp_path: Path, reachable: Path
) -> None:
    if reason := reason_for_no_postgresql():
        pytest.skip(reason)
    with (
        memory_disk(reachable, "128m") as disk,
        PostgresqlServer("-c", "autovacuum=off", folder=disk.place, log_folder=reachable) as server,
        BackendProcess(tmp_path, database_url=server.url()) as backend,
    ):
        clients = Clients(backend)
        ballast = disk.fill()
        # What fits into the last page of its table finds room; a commit that holds one that does not is refused.
        numbers = itertools.count()
        until(lambda: any(clients.write(next(numbers))) and not healthy(backend))
        assert clients.read() == NONE
        assert alive(backend)

        ballast.unlink()
        until(lambda: healthy(backend))
        assert clients.write(next(numbers)) == NONE
        backend.command("verify")
        assert len(told(backend)) <= 4
