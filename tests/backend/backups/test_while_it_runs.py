"""Backups beside writers, and backups that something puts an end to."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest
import requests

from sampler.backend.store import Store
from sampler.backend.store.opening import open_store
from tests.backend.backups.conftest import NewDatabase
from tests.backend.backups.typing_commands import add_measurement, content, done
from tests.backend_process import BackendProcess
from tests.commands.terminal import Terminal
from tests.faults.disks import memory_disk, reason_for_no_disk

pytestmark = pytest.mark.real


@contextlib.contextmanager
def written_to(store: Store) -> Iterator[None]:
    """Two writers, whose every transaction adds a measurement and, apart from it, a customer."""
    stop, numbers = threading.Event(), itertools.count()

    def work() -> None:
        while not stop.is_set():
            number = next(numbers)
            with store.writing() as session:
                add_measurement(session, received=number)
                session.run("INSERT INTO customers VALUES (:number, 'somebody', 1)", number=number)

    writers = [threading.Thread(target=work) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        stop.set()
        for writer in writers:
            writer.join()


def in_backup(file: Path, query: str) -> list[tuple[int, ...]]:
    with contextlib.closing(apsw.Connection(str(file))) as backup:
        return backup.execute(query).fetchall()


def test_a_backup_under_writers_holds_all_of_each_transaction_or_nothing(source: str, tmp_path: Path) -> None:
    seen = []
    with contextlib.closing(open_store(source)) as store, written_to(store):
        for file in (tmp_path / "1.db", tmp_path / "2.db", tmp_path / "3.db"):
            done("backup", file, database=source)
            ((measurements,),) = in_backup(file, "SELECT count(*) FROM measurements")
            ((customers,),) = in_backup(file, "SELECT count(*) FROM customers")
            ((both,),) = in_backup(
                file, "SELECT count(*) FROM measurements JOIN customers ON customers.number = received"
            )
            assert measurements == both == customers
            seen.append(both)

    assert seen[0] < seen[1] < seen[2]  # they did write meanwhile


def test_a_backup_of_a_backend_under_load_has_the_statistics_that_its_readings_give(
    source: str, target: str, tmp_path: Path
) -> None:
    stop = threading.Event()

    def post() -> None:
        with requests.Session() as client:
            for number in itertools.count():
                if stop.is_set():
                    return
                body = [
                    {"sensor": f"s{k}", "timestamp": f"2022-01-01T00:00:{number % 60:02}Z", "value": 0.1}
                    for k in range(50)
                ]
                answer = client.post(f"{backend.url}/data", json=body, timeout=10)
                assert answer.status_code == 200

    with BackendProcess(tmp_path, database_url=source) as backend, ThreadPoolExecutor(2) as pool:
        posting = [pool.submit(post) for _ in range(2)]
        try:
            time.sleep(0.5)
            backend.command("backup", str(tmp_path / "backup.db"))
        finally:
            stop.set()
        for poster in posting:
            poster.result(20)

    done("restore", tmp_path / "backup.db", database=target)
    assert "all statistics are what the readings give" in done("verify", database=target)
    ((one,), *others) = in_backup(tmp_path / "backup.db", "SELECT count FROM sensors")
    assert one > 0
    assert {count for (count,) in others} == {one}  # each request had a reading of each sensor


@pytest.fixture
def large(new_database: NewDatabase) -> str:
    """A database that takes a while to copy."""
    url = new_database("sqlite")
    with contextlib.closing(open_store(url)) as store, store.writing() as session:
        for received in range(40_000):
            add_measurement(session, received, device="kitchen" * 10)
    return url


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "sampler.backend", *map(str, arguments)]


def test_a_backup_that_is_killed_leaves_no_file_under_its_name_and_the_next_one_is_whole(
    large: str, tmp_path: Path
) -> None:
    file, part = tmp_path / "backup.db", tmp_path / "backup.db.part"
    with subprocess.Popen(command("backup", file, "--database", large)) as process:
        end = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size > 100_000):
            assert time.monotonic() < end
        process.kill()

    assert process.returncode == -signal.SIGKILL
    assert not file.exists()
    assert "40,000 rows" in done("backup", file, database=large)
    assert not part.exists()


HALF_A_RESTORE = """
import contextlib, os, signal, sys
from pathlib import Path
from sampler.backend.store.backups import restoring
from sampler.backend.store.opening import open_store

left = 20_000
def copied(rows):
    global left
    left -= rows
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

store = contextlib.closing(open_store(os.environ["DATABASE_URL"], as_it_is=True))
with restoring.opened(Path(sys.argv[1])) as (backup, found), store as store:
    restoring.restore(backup, found, store, copied)
"""


def test_a_restore_that_is_killed_leaves_an_empty_place(large: str, target: str, tmp_path: Path) -> None:
    done("backup", tmp_path / "backup.db", database=large)
    open_store(target).close()
    before = content(target)
    half = [sys.executable, "-c", HALF_A_RESTORE, str(tmp_path / "backup.db")]
    killed = subprocess.run(half, env=os.environ | {"DATABASE_URL": target}, check=False)

    assert killed.returncode == -signal.SIGKILL
    assert content(target) == before
    assert "40,000  measurements" in done("restore", tmp_path / "backup.db", database=target)


@pytest.mark.skipif(bool(reason_for_no_disk()), reason=reason_for_no_disk())
def test_a_full_disk_ends_it_with_words_and_leaves_nothing(large: str, tmp_path: Path) -> None:
    with memory_disk(tmp_path, "1m") as disk:
        ended = subprocess.run(
            command("backup", disk.place / "backup.db", "--database", large),
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr == (
            f"Error: no backup was made: {disk.place}/backup.db.part: database or disk is full\n"
        )
        assert list(disk.place.iterdir()) == []


def test_on_a_terminal_a_bar_tells_how_far_it_is(large: str, tmp_path: Path) -> None:
    with Terminal(command("backup", tmp_path / "backup.db", "--database", large), tmp_path) as terminal:
        assert terminal.end() == 0
        terminal.wait_for(r"copying rows  \[#+-*\] +\d+%")
        terminal.wait_for(r"backup.db: 40,000 rows of \d+ tables, [\d.]+ MB, [\d.]+ s")
