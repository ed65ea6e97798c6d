"""What happens between a request and the disk, on a real SQLite file over a disk that can misbehave."""

import asyncio
import gc
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import apsw
import httpx
import pytest
from litestar.testing import TestClient

from sampler.backend.commits import Commits
from sampler.backend.store import Session, StoreUnavailable, measurements
from sampler.backend.store.measurements import Conflict, Delivery, Measurement
from sampler.backend.store.sqlite import SqliteStore
from tests.backend.conftest import Serve
from tests.backend.speaking import document, post, stored
from tests.disk import Disk

Client = TestClient[Any]
DELIVERY = Delivery([Measurement(0, 1, 1.0, 1.0, 1.0)], None, "", 0)


async def add(
    commits: Commits, delivery: Delivery, then: Callable[[list[Measurement]], None] = lambda _: None
) -> list[Measurement]:
    return await commits.write(lambda session: measurements.add(session, delivery), then=then)


def unavailable(answer: httpx.Response) -> bool:
    assert answer.status_code in {200, 204, 503}
    if answer.status_code == 503:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"] == "5"
        assert answer.json()["detail"] == "Nothing can be stored or read at the moment."
    return answer.status_code == 503


def test_the_answer_waits_for_the_sync(disk: Disk, client: Client) -> None:
    disk.may_sync.clear()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(post, client, document())

        with pytest.raises(TimeoutError):
            answer.result(0.2)
        disk.may_sync.set()

        assert answer.result(10).status_code == 200


def test_every_answered_request_was_synced(disk: Disk, client: Client) -> None:
    before = disk.syncs
    for _ in range(5):
        post(client, document())

    assert disk.syncs >= before + 5


def test_other_requests_are_answered_while_a_sync_hangs(disk: Disk, client: Client) -> None:
    disk.may_sync.clear()
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(post, client, document())
        assert post(client, document(min=None)).status_code == 400
        assert stored(client) == []
        assert not hanging.done()
        disk.may_sync.set()


def test_what_arrives_during_a_sync_is_committed_together(disk: Disk, client: Client) -> None:
    disk.may_sync.clear()
    before = disk.syncs
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(post, client, document()) for _ in range(20)]
        time.sleep(0.3)  # all twenty have arrived, or the count below shows it
        disk.may_sync.set()

        assert [answer.result(10).status_code for answer in answers] == [200] * 20
    assert disk.syncs - before <= 4


def test_a_refused_delivery_leaves_the_others_of_its_commit_alone(disk: Disk, tmp_path: Path) -> None:
    def keyed(key: str, value: float) -> Delivery:
        return Delivery([Measurement(0, 1, value, value, value)], [key], "kitchen", 0)

    async def one_commit(commits: Commits) -> list[Any]:
        disk.may_sync.clear()
        probe = asyncio.ensure_future(commits.probe())
        await asyncio.sleep(0.1)  # the writer hangs in its sync, so the next three are committed together
        ones = [keyed("a-1", 1.0), keyed("a-1", 2.0), keyed("a-2", 3.0)]
        waiting = [asyncio.ensure_future(add(commits, one)) for one in ones]
        await asyncio.sleep(0)
        disk.may_sync.set()
        await probe
        return await asyncio.gather(*waiting, return_exceptions=True)

    store = SqliteStore(tmp_path / "backend.db")
    commits = Commits(store).start()
    new, conflict, also_new = asyncio.run(one_commit(commits))
    commits.close()
    store.close()

    assert (len(new), len(also_new)) == (1, 1)
    assert isinstance(conflict, Conflict)
    assert str(conflict) == "a-1 of device kitchen is stored with other values"


@pytest.mark.parametrize("fault", [apsw.FullError, apsw.ReadOnlyError, apsw.IOError])
def test_a_disk_that_refuses_is_answered_503_and_service_resumes(
    disk: Disk, client: Client, fault: type[apsw.Error]
) -> None:
    post(client, document())
    disk.fault = fault

    assert unavailable(post(client, document()))
    assert unavailable(client.get("/healthz"))
    # Reading goes on, but for a disk of which nobody knows what is on it.
    assert fault is apsw.IOError or len(stored(client)) == 1

    disk.fault = None
    assert client.get("/healthz").status_code == 204
    assert post(client, document()).status_code == 200
    assert len(stored(client)) == 2


def test_a_locked_database_is_answered_503_and_service_resumes(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sampler.backend.store.sqlite._LOCK_WAIT_MS", 50)
    client = serve()
    other = apsw.Connection(str(tmp_path / "backend.db"))
    other.set_busy_timeout(5000)  # the backend writes by itself, too
    other.execute("BEGIN IMMEDIATE")

    assert unavailable(post(client, document()))

    other.close()
    assert post(client, document()).status_code == 200


def test_a_database_that_was_moved_away_is_not_replaced_by_an_empty_one(
    client: Client, tmp_path: Path
) -> None:
    post(client, document())
    (tmp_path / "backend.db").rename(tmp_path / "away.db")

    assert unavailable(post(client, document()))
    assert unavailable(post(client, document()))
    assert unavailable(client.get("/api/temperature"))
    assert unavailable(client.get("/healthz"))
    assert not (tmp_path / "backend.db").exists()

    (tmp_path / "away.db").rename(tmp_path / "backend.db")
    assert post(client, document()).status_code == 200
    assert len(stored(client)) == 2


def test_what_a_full_disk_says_at_the_end_of_an_attempt_does_not_hide_why_it_failed(
    disk: Disk, tmp_path: Path
) -> None:
    store = SqliteStore(tmp_path / "before" / "backend.db")
    shutil.copytree(tmp_path / "before", tmp_path / "after")  # as a kill leaves it, with its log
    store.close()
    disk.fault = apsw.FullError

    with pytest.raises(StoreUnavailable):
        SqliteStore(tmp_path / "after" / "backend.db")


def test_failures_are_told_once_and_so_is_their_end(
    disk: Disk, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    disk.fault = apsw.FullError
    for _ in range(3):
        post(client, document())
    disk.fault = None
    post(client, document())

    began, ended = [
        record.getMessage() for record in caplog.records if record.name == "sampler.backend.store.outage"
    ]
    assert began.startswith("nothing can be stored, clients are asked to come again: ")
    assert ended.startswith("storing again after ")


def test_a_disk_that_hangs_is_not_healthy(
    disk: Disk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sampler.backend.web.health._PATIENCE_S", 0.1)
    disk.may_sync.clear()

    assert unavailable(client.get("/healthz"))

    disk.may_sync.set()
    assert client.get("/healthz").status_code == 204


def test_when_too_many_wait_more_are_sent_away(disk: Disk, tmp_path: Path) -> None:
    async def crowd(commits: Commits) -> None:
        disk.may_sync.clear()
        first = asyncio.ensure_future(add(commits, DELIVERY))
        await asyncio.sleep(0.2)  # the writer has taken it and hangs in its sync
        waiting = [asyncio.ensure_future(add(commits, DELIVERY)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(StoreUnavailable, match="too many requests wait for the disk"):
            await add(commits, DELIVERY)
        disk.may_sync.set()
        await asyncio.gather(first, *waiting)

    store = SqliteStore(tmp_path / "backend.db")
    commits = Commits(store, bound=3).start()
    asyncio.run(crowd(commits))
    commits.close()
    store.close()


def test_what_becomes_of_a_write_that_nobody_waits_for_any_more_is_not_told(tmp_path: Path) -> None:
    def refuses(_: Session) -> None:
        raise ValueError  # not StoreUnavailable: what pytest keeps of the log would hold it

    async def go_away(commits: Commits) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(commits.write(refuses), 0.01)
        commits.turn()
        await asyncio.sleep(0.01)
        gc.collect()

    told: list[Any] = []
    store = SqliteStore(tmp_path / "backend.db")
    asyncio.run(go_away(Commits(store)))
    store.close()

    assert told == []


def test_closing_commits_what_waits_and_refuses_what_comes(disk: Disk, tmp_path: Path) -> None:
    async def close_while_waiting(commits: Commits) -> None:
        disk.may_sync.clear()
        waiting = [asyncio.ensure_future(add(commits, DELIVERY, stored_ones.extend)) for _ in range(3)]
        await asyncio.sleep(0)
        threading.Timer(0.1, disk.may_sync.set).start()
        await asyncio.to_thread(commits.close)
        await asyncio.gather(*waiting)
        with pytest.raises(StoreUnavailable, match="shutting down"):
            await commits.probe()

    store = SqliteStore(tmp_path / "backend.db")
    stored_ones: list[Measurement] = []
    asyncio.run(close_while_waiting(Commits(store).start()))
    store.close()

    assert len(stored_ones) == 3


def test_long_operations_do_not_hold_up_the_answers_of_others(disk: Disk, tmp_path: Path) -> None:
    async def crowd(commits: Commits) -> list[int]:
        disk.may_sync.clear()
        probe = asyncio.ensure_future(commits.probe())
        await asyncio.sleep(0.1)  # the writer hangs in its sync, so the rest would be committed together
        long = [asyncio.ensure_future(commits.write(lambda _: time.sleep(0.06))) for _ in range(3)]
        await asyncio.sleep(0)
        disk.may_sync.set()
        await asyncio.gather(probe, *long)
        return sizes

    sizes: list[int] = []
    store = SqliteStore(tmp_path / "backend.db")
    commits = Commits(store, observe=lambda operations, _: sizes.append(operations)).start()
    assert asyncio.run(crowd(commits)) == [1, 1, 1, 1]
    commits.close()
    store.close()


def test_who_starts_no_thread_takes_the_turns(tmp_path: Path) -> None:
    async def by_hand(commits: Commits) -> None:
        first = asyncio.ensure_future(add(commits, DELIVERY, stored_ones.extend))
        await asyncio.sleep(0)
        assert (commits.waiting, stored_ones) == (1, [])
        commits.turn()
        assert (commits.waiting, len(stored_ones)) == (0, 1)
        second = asyncio.ensure_future(add(commits, DELIVERY, stored_ones.extend))
        await asyncio.sleep(0)
        commits.close()
        await asyncio.gather(first, second)

    threads = threading.active_count()
    stored_ones: list[Measurement] = []
    store = SqliteStore(tmp_path / "backend.db")
    asyncio.run(by_hand(Commits(store)))
    store.close()

    assert len(stored_ones) == 2
    assert threading.active_count() == threads
