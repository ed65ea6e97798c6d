"""The simulated disk is as nasty as it says, under the real SQLite."""

import errno
import hashlib
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import apsw
import pytest

from simulation.disk import Crash, Disk, SimulatedVolume, rot, seed_sqlite

OUTCOMES = range(20)


@pytest.fixture
def disk(memory: Path) -> Disk:
    return Disk(memory / "disk", Random(1))


def opened(disk: Disk, volume: SimulatedVolume, synchronous: str = "full") -> apsw.Connection:
    """A database in WAL mode, with a table."""
    db = apsw.Connection(str(disk.folder / "test.db"), vfs=volume.vfs)
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", synchronous)
    db.execute("CREATE TABLE IF NOT EXISTS t(a)")
    return db


def add(db: apsw.Connection, rows: int = 1, size: int = 500) -> None:
    """Commit each row."""
    for _ in range(rows):
        db.execute("INSERT INTO t VALUES (zeroblob(?))", (size,))


def rows(disk: Disk) -> int:
    """Count what a new process finds."""
    db = opened(disk, disk.mount())
    found = db.execute("SELECT count(*) FROM t").get
    assert db.pragma("integrity_check") == "ok"
    db.close()
    assert isinstance(found, int)
    return found


def put(disk: Disk, name: str, data: bytes) -> None:
    """Have a file there that lasts."""
    (disk.folder / name).write_bytes(data)


def raw(disk: Disk, volume: SimulatedVolume, name: str = "file") -> apsw.VFSFile:
    """A file opened as SQLite opens a database's."""
    flags = [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE, 0]
    vfs = volume._vfs
    assert vfs
    return vfs.xOpen(str(disk.folder / name), flags)


# The end of a process.


def test_a_kill_takes_nothing_that_was_written(disk: Disk) -> None:
    db = opened(disk, disk.mount(), "off")
    add(db, 20)
    disk.watch()
    add(db, 20)
    disk.kill()
    assert rows(disk) == 40
    assert not disk.lost_power


def test_what_a_dead_process_still_does_reaches_nobody(disk: Disk) -> None:
    volume = disk.mount()
    db = opened(disk, volume)
    add(db, 3)
    db.execute("BEGIN IMMEDIATE")
    add(db)
    disk.kill()
    files = {path.name: path.read_bytes() for path in disk.folder.iterdir()}
    add(db)
    db.execute("COMMIT")
    db.close()  # which moves the log into the file, and removes it
    assert {path.name: path.read_bytes() for path in disk.folder.iterdir()} == files
    for forbidden in (
        lambda: volume.vfs,
        lambda: volume.rename(disk.folder / "test.db", disk.folder / "other"),
        lambda: volume.remove(disk.folder / "test.db"),
        lambda: volume.sync_directory(disk.folder),
    ):
        with pytest.raises(Crash):
            forbidden()
    assert rows(disk) == 3


def test_a_kill_comes_at_the_step_that_it_was_armed_for(disk: Disk) -> None:
    db = opened(disk, disk.mount())
    add(db)  # a header of the log, then for each page one of its frame and the page itself, and the sync
    disk.arm_kill(1)
    with pytest.raises(Crash):
        add(db)
    assert rows(disk) == 1
    db = opened(disk, disk.mount())
    add(db)
    disk.arm_kill(2, "sync")
    add(db, 2)
    with pytest.raises(Crash):
        add(db)
    assert rows(disk) == 5, "all was written but not synced: a kill takes nothing"
    assert disk.injected == {"kill": 2}


# The end of the power.


def after_a_cut(folder: Path, synchronous: str, seed: int) -> int:
    disk = Disk(folder / str(seed), Random(seed))
    db = opened(disk, disk.mount(), synchronous)
    disk.watch()
    add(db, 10)
    disk.cut_power()
    assert disk.lost_power
    return rows(disk)


def test_a_power_cut_takes_commits_of_synchronous_normal(memory: Path) -> None:
    left = [after_a_cut(memory, "normal", seed) for seed in OUTCOMES]
    assert min(left) == 0
    assert max(left) == 10
    assert len(set(left)) > 3


def test_a_power_cut_takes_no_commit_of_synchronous_full(memory: Path) -> None:
    assert {after_a_cut(memory, "full", seed) for seed in OUTCOMES} == {10}


def test_a_power_cut_comes_at_a_step_after_so_many_syncs(disk: Disk) -> None:
    db = opened(disk, disk.mount())
    disk.arm_power_cut(3, 1)
    add(db, 3)
    with pytest.raises(Crash):
        add(db)
    assert rows(disk) == 3
    assert disk.injected == {"power cut": 1}


def test_every_sector_is_old_or_new_for_itself(memory: Path) -> None:
    seen = set()
    for seed in range(40):
        disk = Disk(memory / str(seed), Random(seed))
        put(disk, "file", b"o" * 4096)
        file = raw(disk, disk.mount())
        disk.watch()
        file.xWrite(b"n" * 4096, 0)
        disk.cut_power()
        data = (disk.folder / "file").read_bytes()
        sectors = [data[at : at + 512] for at in range(0, 4096, 512)]
        assert set(sectors) <= {b"o" * 512, b"n" * 512}
        seen.add(b"".join(sector[:1] for sector in sectors))
    assert {b"oooooooo", b"nnnnnnnn"} < seen
    assert len(seen) > 10


def test_of_two_writes_to_a_sector_the_first_may_be_all_that_is_left(memory: Path) -> None:
    seen = set()
    for seed in range(40):
        disk = Disk(memory / str(seed), Random(seed))
        put(disk, "file", b"." * 512)
        file = raw(disk, disk.mount())
        disk.watch()
        file.xWrite(b"a", 0)
        file.xWrite(b"b", 1)
        disk.cut_power()
        seen.add((disk.folder / "file").read_bytes()[:2])
    assert seen == {b"..", b"a.", b"ab"}


def test_what_was_synced_stays_whatever_is_written_beside_it(memory: Path) -> None:
    for seed in OUTCOMES:
        disk = Disk(memory / str(seed), Random(seed))
        file = raw(disk, disk.mount())
        disk.watch()
        file.xWrite(b"synced", 0)
        file.xSync(apsw.SQLITE_SYNC_NORMAL)
        file.xWrite(b"not", 6)
        disk.cut_power()
        assert (disk.folder / "file").read_bytes()[:6] == b"synced"


def test_a_file_that_grew_or_shrank_may_have_any_of_its_lengths(memory: Path) -> None:
    lengths = set()
    for seed in range(60):
        disk = Disk(memory / str(seed), Random(seed))
        put(disk, "file", b"x" * 600)
        file = raw(disk, disk.mount())
        disk.watch()
        file.xTruncate(100)
        file.xWrite(b"y" * 900, 100)
        disk.cut_power()
        lengths.add((disk.folder / "file").stat().st_size)
    assert lengths == {600, 100, 1000}


def test_a_new_file_that_was_not_synced_may_be_gone_short_or_hold_zeros(memory: Path) -> None:
    seen: set[bytes | None] = set()
    for seed in range(200):
        disk = Disk(memory / str(seed), Random(seed))
        volume = disk.mount()
        disk.watch()
        file = raw(disk, volume)
        file.xWrite(b"n" * 1024, 0)
        file.xClose()
        disk.cut_power()
        there = (disk.folder / "file").exists()
        seen.add((disk.folder / "file").read_bytes() if there else None)
    old, new = bytes(512), b"n" * 512
    assert seen == {None, b"", old + old, old + new, new + old, new + new}


def names_after_a_cut(folder: Path, seed: int, *, sync: bool) -> tuple[str, ...]:
    disk = Disk(folder / str(seed), Random(seed))
    for name in "abc":
        put(disk, name, name.encode())
    volume = disk.mount()
    disk.watch()
    volume.rename(disk.folder / "a", disk.folder / "b")
    volume.remove(disk.folder / "c")
    if sync:
        volume.sync_directory(disk.folder)
    disk.cut_power()
    return tuple(f"{path.name}{path.read_text()}" for path in sorted(disk.folder.iterdir()))


def test_names_may_change_back_unless_the_directory_is_synced_the_last_first(memory: Path) -> None:
    (memory / "synced").mkdir()
    (memory / "not").mkdir()
    as_they_were, renamed, removed = ("aa", "bb", "cc"), ("ba", "cc"), ("ba",)
    assert {names_after_a_cut(memory / "not", seed, sync=False) for seed in OUTCOMES} == {
        as_they_were,
        renamed,
        removed,
    }
    assert {names_after_a_cut(memory / "synced", seed, sync=True) for seed in OUTCOMES} == {removed}


def test_what_a_failed_sync_did_not_keep_no_later_one_keeps(memory: Path) -> None:
    seen = set()
    for seed in range(40):
        disk = Disk(memory / str(seed), Random(seed))
        put(disk, "file", b"o" * 8192)
        file = raw(disk, disk.mount())
        disk.watch()
        file.xWrite(b"forsaken", 0)
        file.xWrite(b"forsaken", 4096)
        disk.faults.refuse("sync")
        with pytest.raises(apsw.IOError):
            file.xSync(apsw.SQLITE_SYNC_NORMAL)
        file.xWrite(b"again", 5000)  # the kernel writes the whole page
        file.xSync(apsw.SQLITE_SYNC_NORMAL)
        disk.cut_power()
        data = (disk.folder / "file").read_bytes()
        assert data[4096:4104] + data[5000:5005] == b"forsakenagain"
        seen.add(data[:8])
    assert seen == {b"oooooooo", b"forsaken"}


def test_what_a_killed_process_left_unsynced_a_later_power_cut_may_take(memory: Path) -> None:
    left = set()
    for seed in OUTCOMES:
        disk = Disk(memory / str(seed), Random(seed))
        db = opened(disk, disk.mount(), "off")
        disk.watch()
        add(db, 5)
        disk.kill()
        disk.cut_power()
        left.add(rows(disk))
    assert min(left) == 0
    assert max(left) == 5


# Refusals.


def code(error: pytest.ExceptionInfo[apsw.Error]) -> int:
    found: int = error.value.extendedresult  # type: ignore[attr-defined]  # apsw's stub has it on no class
    return found


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("write", errno.EIO, apsw.SQLITE_IOERR_WRITE),
        ("write", errno.ENOSPC, apsw.SQLITE_FULL),
        ("sync", errno.EIO, apsw.SQLITE_IOERR_FSYNC),
    ],
)
def test_a_refusal_has_sqlite_s_own_number_and_is_over_when_it_is_over(
    disk: Disk, kind: str, number: int, expected: int
) -> None:
    db = opened(disk, disk.mount())
    disk.faults.refuse(kind, number=number, times=2)
    for _ in range(2):
        with pytest.raises(apsw.Error) as refusal:
            add(db)
        assert code(refusal) == expected
    add(db)
    assert disk.injected == {f"{kind} {errno.errorcode[number]}": 2}
    db.close()
    assert rows(disk) == 1


def test_names_are_refused_as_the_system_refuses_them(disk: Disk) -> None:
    put(disk, "a", b"")
    volume = disk.mount()
    disk.faults.refuse("rename", "delete", "sync directory", times=3)
    refusals: list[Callable[[], None]] = [
        lambda: volume.rename(disk.folder / "a", disk.folder / "b"),
        lambda: volume.remove(disk.folder / "a"),
        lambda: volume.sync_directory(disk.folder),
    ]
    for refused in refusals:
        with pytest.raises(OSError, match="Input/output error") as refusal:
            refused()
        assert refusal.value.errno == errno.EIO
    volume.remove(disk.folder / "a")
    assert not list(disk.folder.iterdir())


def test_one_in_so_many_fails(disk: Disk) -> None:
    volume = disk.mount()
    disk.faults.refuse("sync directory", times=None, one_in=4)
    failed = 0
    for _ in range(400):
        try:
            volume.sync_directory(disk.folder)
        except OSError:
            failed += 1
    assert 70 < failed < 130
    assert disk.injected == {"sync directory EIO": failed}


def test_a_full_disk_takes_what_fits_and_what_is_there_already(disk: Disk) -> None:
    put(disk, "file", b"." * 100)
    file = raw(disk, disk.mount())
    disk.faults.fill(room=30)
    file.xWrite(b"x" * 100, 0)
    with pytest.raises(apsw.FullError):
        file.xWrite(b"y" * 100, 50)
    assert (disk.folder / "file").read_bytes() == b"x" * 50 + b"y" * 80
    with pytest.raises(apsw.FullError):
        file.xWrite(b"z", 130)
    file.xTruncate(100)
    file.xWrite(b"z", 100)
    disk.mend()
    file.xWrite(b"z" * 5000, 100)


def test_a_read_only_disk_is_read(disk: Disk) -> None:
    db = opened(disk, disk.mount())
    add(db, 2)
    disk.faults.make_read_only()
    with pytest.raises(apsw.IOError):
        add(db)
    disk.kill()
    db = apsw.Connection(str(disk.folder / "test.db"), vfs=disk.mount().vfs)
    assert db.execute("SELECT count(*) FROM t").get == 2
    with pytest.raises(apsw.ReadOnlyError):
        add(db)
    disk.kill()
    disk.mend()
    assert rows(disk) == 2


def test_a_slow_disk_tells_how_long_a_sync_takes(disk: Disk) -> None:
    told: list[tuple[str, float]] = []
    db = opened(disk, disk.mount(lambda kind, seconds: told.append((kind, seconds))))
    disk.faults.slow(0.5)
    add(db, 100)
    assert {kind for kind, _ in told} == {"sync"}
    assert len(told) == disk.injected["slow sync"] == 100
    assert 0.35 < sum(seconds for _, seconds in told) / 100 < 0.65


def test_a_process_may_be_killed_while_it_waits_for_the_disk(disk: Disk) -> None:
    db = opened(disk, disk.mount(lambda *_: disk.kill()))
    add(db, 2)
    disk.faults.slow(0.5)
    with pytest.raises(Crash):
        add(db)
    disk.mend()
    assert rows(disk) == 3


# Rot.


def test_a_sector_that_cannot_be_read_is_refused_until_it_is_written(disk: Disk) -> None:
    put(disk, "file", b"x" * 2048)
    file = raw(disk, disk.mount())
    disk.spoil("file", 700)
    assert file.xRead(512, 0) == b"x" * 512
    for offset in (0, 512, 1023):
        with pytest.raises(apsw.IOError) as refusal:
            file.xRead(1024, offset)
        assert code(refusal) == apsw.SQLITE_IOERR_CORRUPTFS
    disk.mount()
    file = raw(disk, disk.mount())
    with pytest.raises(apsw.IOError):
        file.xRead(1, 512)
    file.xWrite(b"y" * 512, 512)
    assert file.xRead(2048, 0) == b"x" * 512 + b"y" * 512 + b"x" * 1024


def test_rot_turns_one_bit(memory: Path) -> None:
    path = memory / "file"
    path.write_bytes(bytes(100))
    rot.flip_bit(path, Random(1))
    assert sum(byte.bit_count() for byte in path.read_bytes()) == 1


def test_rot_comes_in_all_its_ways_to_the_file_and_to_its_log(memory: Path) -> None:
    injected: set[str] = set()
    changed = set()
    for seed in range(40):
        disk = Disk(memory / str(seed), Random(seed))
        assert not disk.rot()
        db = opened(disk, disk.mount())
        add(db, 20)
        before = {path.name: path.read_bytes() for path in disk.folder.iterdir()}
        assert disk.rot()
        changed |= {path.name for path in disk.folder.iterdir() if path.read_bytes() != before[path.name]}
        injected |= set(disk.injected)
        db.close()
    assert changed == {"test.db", "test.db-wal"}
    assert injected == {"bit flipped", "sector zeroed", "page zeroed", "sector unreadable"}


# The seed.


def story(folder: Path, seed: int) -> tuple[str, dict[str, int]]:
    """What is on a disk after a life of misfortunes."""
    seed_sqlite(Random(seed))
    disk = Disk(folder, Random(seed))
    chance = Random(seed)
    for _ in range(12):
        volume = disk.mount(now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        disk.disarm()
        chance.choice((disk.arm_kill, lambda steps: disk.arm_power_cut(1, steps)))(chance.randrange(9, 40))
        if chance.random() < 0.3:
            disk.fail(chance.choice(("full", "errors", "read-only", "slow")))
        try:
            with closing(opened(disk, volume)) as db:
                add(db, 10)
        except (Crash, apsw.Error):
            disk.mend()
    disk.kill()
    data = hashlib.sha256()
    for path in sorted(disk.folder.iterdir()):
        if not path.name.endswith("-shm"):
            data.update(path.name.encode() + path.read_bytes())
    return data.hexdigest(), dict(disk.injected)


def test_the_same_seed_leaves_the_same_bytes(memory: Path) -> None:
    told = [story(memory / f"{turn}-{seed}", seed) for turn in range(2) for seed in range(5)]
    assert told[:5] == told[5:]
    assert len({digest for digest, _ in told}) == 5
