"""Two instances on one PostgreSQL: behind alternating requests they answer as one does, and count exactly."""

import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.backend_process import BackendProcess
from tests.faults.load import Load
from tests.faults.rooms import Room, rooms_of
from tests.postgresql import PostgresqlServer

pytestmark = pytest.mark.real

PATIENCE_S = 10
Answer = tuple[int, str, Any]


@pytest.fixture
def instances(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[list[BackendProcess]]:
    """Two of them, with a folder each, and one key that signs logins."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(postgresql.new_database())
        folders = [tmp_path / "one", tmp_path / "two"]
        for folder in folders:
            folder.mkdir()
        # Both at once, on a database that is empty: one of them makes the schema.
        backends = [BackendProcess(folder, database_url=url, key_file=tmp_path / "key") for folder in folders]
        with ThreadPoolExecutor(2) as pool:
            yield list(pool.map(stack.enter_context, backends))


@pytest.fixture
def single(tmp_path: Path) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path) as backend:
        yield backend


def conversation(rooms: Sequence[Room], urls: Iterator[str]) -> Iterator[requests.Response]:
    """Say what clients of all rooms say, each request to the next instance, repetitions and refusals included."""
    with requests.Session() as client:
        for number in range(12):
            for room in rooms:
                yield room.post(client, next(urls), number)
                yield room.read(client, next(urls))
                yield room.post(client, next(urls), number)
                yield room.read(client, next(urls))
        for path, body in REFUSED:
            headers = {"Content-Type": "application/json", "Idempotency-Key": "b-4"}
            yield client.post(next(urls) + path, body.encode(), headers=headers, timeout=PATIENCE_S)
        yield client.delete(f"{next(urls)}/statistics/sensor0", timeout=PATIENCE_S)
        for sensor in ("sensor0", "sensor1", "nobody"):
            yield client.get(f"{next(urls)}/statistics/{sensor}", timeout=PATIENCE_S)


REFUSED = [
    (
        "/data",
        '[{"sensor": "sensor1", "timestamp": "2021-11-08T21:00:04+00:00", "value": 5}]',
    ),  # another body
    ("/data", '[{"sensor": "sensor1"}]'),
    ("/api/temperature", "{}"),
    ("/", "{}"),
]


def answers(*instances: BackendProcess) -> list[Answer]:
    urls = itertools.cycle([backend.url for backend in instances])
    return [
        (answer.status_code, answer.request.method or "", without_what_differs(answer))
        for answer in conversation(rooms_of(instances[0]), urls)
    ]


def without_what_differs(answer: requests.Response) -> Any:
    """The body, without a request's own name and the time of its arrival."""
    if not answer.content:
        return None
    body = answer.json()
    for one in body if isinstance(body, list) else [body]:
        for name in ("instance", "request", "request_id", "received"):
            one.pop(name, None)
    return body


def test_alternating_requests_are_answered_as_by_one(
    instances: list[BackendProcess], single: BackendProcess
) -> None:
    assert answers(*instances) == answers(single)


def test_eight_writers_at_two_instances_are_counted_exactly(instances: list[BackendProcess]) -> None:
    with Load(rooms_of(instances[0]), [backend.url for backend in instances], clients=8) as load:
        time.sleep(3)

    for backend in instances:
        load.check(backend.url)
    instances[0].command("verify")
    assert load.repetitions == 0
    for backend in instances:
        assert backend.trouble == ""


def test_the_same_request_to_both_at_once_counts_once(instances: list[BackendProcess]) -> None:
    def post(backend: BackendProcess, number: int) -> list[int]:
        with requests.Session() as client:
            return [room.post(client, backend.url, number).status_code for room in rooms]

    rooms = rooms_of(instances[0])
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            together = [pool.submit(post, backend, number) for backend in instances * 4]
            assert [one.result() for one in together] == [[200, 200, 200, 201]] * 8

    for room in rooms:
        room.check(instances[0].url, range(20))


def test_one_that_dies_and_comes_back_costs_nobody_anything(instances: list[BackendProcess]) -> None:
    dying, other = instances
    with Load(rooms_of(other), [dying.url, other.url], clients=8) as load:
        for _ in range(2):
            time.sleep(0.5)
            dying.kill()
            time.sleep(0.5)
            dying.start()

    assert load.repetitions > 0
    load.check(dying.url)
    assert other.trouble == ""
