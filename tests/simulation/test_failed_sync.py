"""A sync fails, the disk works again, and later the power is cut: no later sync has kept what that one had to keep."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import pytest

from sampler.backend.store import StoreUnavailable
from sampler.backend.store.sqlite import SqliteStore
from sampler.device.spool import Spool, SpoolUnavailable
from simulation.disk import Crash, Disk
from tests.device.spools import window

OUTCOMES = 8


def disks(memory: Path) -> Iterator[tuple[Disk, int]]:
    """A disk for each step at which the power may be cut, and several for its outcomes; whoever is through leaves."""
    for step in count():
        for outcome in range(OUTCOMES):
            yield Disk(memory / f"{step}-{outcome}", Random(1_000 * step + outcome)), step


@pytest.mark.parametrize("times", [1, 2])
def test_a_spool_loses_nothing(memory: Path, times: int) -> None:
    for disk, step in disks(memory):
        path = disk.folder / "spool.db"
        spool = Spool(path, 1_000, disk.mount())
        for number in range(3):
            spool.turn(window(number, taken=2), window(number + 1, taken=0))
        disk.watch()
        disk.faults.refuse("sync", times=times)
        for _ in range(times):
            with pytest.raises(SpoolUnavailable, match="I/O"):
                spool.turn(window(3, taken=2), window(4, taken=0))
        disk.arm_power_cut(0, step)
        kept, ended = 3, False
        try:
            for number in (3, 4):
                spool.turn(window(number, taken=2), window(number + 1, taken=0))
                kept = number + 1
            disk.cut_power()
        except Crash:
            ended = True
        disk.disarm()
        spool = Spool(path, 1_000, disk.mount())
        spool.check()
        account = spool.verify()
        assert account.balanced
        assert account.waiting == account.produced >= kept
        assert not list(disk.folder.glob("*damaged*"))
        spool.close()
        if not ended:
            return


def rows(store: SqliteStore) -> list[int]:
    with store.reading() as session:
        assert session.rows("PRAGMA integrity_check") == [("ok",)]
        return [number for (number,) in session.rows("SELECT number FROM things")]


def add(store: SqliteStore, number: int) -> None:
    """Answer a request under a key: the same one is stored once, however often it comes."""
    with store.writing() as session:
        if not session.rows("SELECT 1 FROM things WHERE number = :number", number=number):
            session.run("INSERT INTO things VALUES (:number, zeroblob(3000))", number=number)


@pytest.mark.parametrize("killed", [False, True])
def test_a_backend_s_file_loses_nothing(memory: Path, killed: bool) -> None:
    for disk, step in disks(memory):
        path = disk.folder / "backend.db"
        store = SqliteStore(path, volume=disk.mount())
        with store.writing() as session:
            session.run("CREATE TABLE things (number INTEGER PRIMARY KEY, body BLOB)")
        for number in range(3):
            add(store, number)
        disk.watch()
        disk.faults.refuse("sync", times=None)
        with pytest.raises(StoreUnavailable, match="I/O"):
            add(store, 3)
        disk.mend()
        if killed:
            disk.kill()
        disk.arm_power_cut(0, step)
        answered, ended = [0, 1, 2], False
        try:
            store = SqliteStore(path, volume=disk.mount()) if killed else store
            for number in (3, 4):
                add(store, number)
                answered.append(number)
            disk.cut_power()
        except Crash:
            ended = True
        disk.disarm()
        store = SqliteStore(path, volume=disk.mount())
        assert set(answered) <= set(rows(store))
        store.close()
        if not ended:
            return
