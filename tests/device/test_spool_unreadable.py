"""Reads that the disk refuses: for a while, and then nothing is dropped; for good, and then the spool is healed."""

import gc
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from sampler.device.assembly import build
from sampler.device.config import Config, SensorConfig, SpoolConfig
from sampler.device.handoff import Handoff, Journal, Turn
from sampler.device.keeping import PATIENCE_S, Keeping
from sampler.device.machine import Machine as Real
from sampler.device.spool import Spool, SpoolUnavailable
from sampler.device.spool.errors import Damaged
from sampler.device.spool.healing import heal
from sampler.raw import Raw, Unreadable
from sampler.volume import Volume
from simulation.disk import Disk
from tests.device.spools import NOW, contents, dropped, fill, window, zeroed

PAGE = 4096
WINDOWS = 200
WINDOW_PAGE = 3 * PAGE
"""Where the open window lies, and nothing else: behind the schema, the facts and the ledger."""


class Machine:
    """A disk with a spool of 200 windows that was never closed, and a wall clock."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.disk = Disk(folder / "disk", Random(seed))
        self.path = self.disk.folder / "spool.db"
        self.now = NOW
        self.restart()
        fill(self.spool, 0, WINDOWS - 4)
        self.spool.close()
        fill(self.spool, WINDOWS - 3, WINDOWS - 1)  # these are in the log
        self.before = self.spool.resume()
        self.restart()

    def restart(self) -> None:
        """Let a new process have the disk; the one before was killed."""
        self.spool = Spool(self.path, 1_000, self.disk.mount(now=self.time))

    def time(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def healed(self) -> bool:
        return any(self.disk.folder.glob("*.damaged-*"))

    def refused_until(self, work: Callable[[], object], most_s: float = 600.0) -> float:
        """Ask every 5 s, as keeping does; give after how many seconds it is done."""
        began = self.now
        while self.now - began < timedelta(seconds=most_s):
            with suppress(SpoolUnavailable):
                work()
                return (self.now - began).total_seconds()
            self.wait(PATIENCE_S)
        raise AssertionError(f"still refused after {most_s} s")

    def holds_all(self) -> bool:
        """Tell whether nothing is gone and nothing was healed."""
        whole = list(contents(self.spool)) == list(range(1, WINDOWS + 1))
        return whole and self.spool.resume() == self.before and not self.healed and not dropped(self.spool)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("seed", range(20))
def test_one_read_that_fails_is_not_even_noticed(tmp_path: Path, seed: int):
    machine = Machine(tmp_path, seed)
    machine.disk.faults.refuse("read", one_in=1 + seed)
    machine.spool.check()
    assert machine.disk.injected["read EIO"] == 1
    assert machine.holds_all()


@pytest.mark.parametrize("one_in", [1, 3, 30])
@pytest.mark.parametrize("seed", range(5))
def test_reads_that_fail_for_ten_minutes_drop_nothing(tmp_path: Path, one_in: int, seed: int):
    machine = Machine(tmp_path, seed)
    machine.disk.faults.refuse("read", times=None, one_in=one_in)
    for _ in range(120):
        with suppress(SpoolUnavailable):
            machine.spool.check()
        machine.wait(PATIENCE_S)
    assert machine.disk.injected["read EIO"]
    machine.disk.mend()
    assert machine.holds_all()


def test_a_disk_that_gives_nothing_at_all_is_waited_for_by_who_knows_the_spool_too(machine: Machine):
    machine.spool.resume()
    machine.disk.faults.refuse("read", times=None)
    for _ in range(120):
        with pytest.raises(SpoolUnavailable, match=r"spool.db: disk I/O error"):
            machine.spool.check()
        machine.wait(PATIENCE_S)
    machine.disk.mend()
    assert machine.holds_all()


def test_a_spool_that_cannot_be_read_anywhere_is_not_begun_anew_beside_it(machine: Machine):
    machine.spool.resume()
    machine.spool.close()
    for file in ("spool.db", "spool.db-wal"):
        path = machine.path.with_name(file)
        for page in range(0, path.stat().st_size if path.exists() else 0, PAGE):
            machine.disk.spoil(file, page)
    for _ in range(30):
        with pytest.raises(SpoolUnavailable, match=r"spool.db: disk I/O error"):
            machine.spool.check()
        machine.wait(PATIENCE_S)
    assert not machine.healed


def test_what_is_closed_while_a_page_cannot_be_read_waits_and_is_kept_and_delivered(machine: Machine, caplog):
    handoff, pauses = Handoff(), 0

    def pause(seconds: float) -> bool:
        nonlocal pauses
        pauses += 1
        machine.wait(seconds)
        if pauses == 9:
            machine.disk.mend()
        return False

    for number in range(WINDOWS, WINDOWS + 3):
        handoff.put(Turn(window(number), window(number + 1, taken=0), hold=False))
    handoff.close()
    machine.disk.faults.refuse("read", times=None, one_in=2)
    Keeping(handoff, machine.spool, pause, lambda: None).run()
    assert pauses == 9
    assert not machine.healed
    assert "disk I/O error; windows wait in memory" in caplog.text
    newest = [kept.sequence for kept in machine.spool.newest_waiting(4)]
    assert newest == [WINDOWS, WINDOWS + 1, WINDOWS + 2, WINDOWS + 3]
    machine.spool.delivered(range(1, WINDOWS + 4), NOW)
    account = machine.spool.verify()
    assert (account.delivered, account.dropped, account.balanced) == (WINDOWS + 3, 0, True)


def page_of(machine: Machine, number: int) -> int:
    """Where the page begins, in the file, on which the measurement of this window lies."""
    return machine.path.read_bytes().rindex(f'"end":{window(number).end}'.encode()) // PAGE * PAGE


def test_a_sector_that_stays_unreadable_is_given_up_after_a_minute(machine: Machine, caplog):
    machine.disk.spoil("spool.db", page_of(machine, 100))
    assert machine.refused_until(machine.spool.check) == 60
    lost = dropped(machine.spool)
    assert 1 <= len(lost) <= 18, "a page of measurements"
    assert set(contents(machine.spool)) == set(range(1, WINDOWS + 1)) - lost
    assert machine.spool.resume() == machine.before
    assert machine.healed
    assert caplog.text.count("is healed: ") == 1


def test_a_sector_of_the_log_that_stays_unreadable_costs_nothing_that_lies_elsewhere(machine: Machine):
    machine.disk.spoil("spool.db-wal", 2 * PAGE)
    assert machine.refused_until(machine.spool.check) == 60
    account = machine.spool.verify()
    assert account.balanced
    assert account.waiting >= WINDOWS - 3
    assert machine.healed


def test_numbers_on_a_sector_at_the_end_of_the_log_that_stays_unreadable_never_come_again(machine: Machine):
    machine.disk.spoil("spool.db-wal", machine.path.with_name("spool.db-wal").stat().st_size - 10)
    assert machine.refused_until(machine.spool.check) == 60
    assert machine.spool.resume().spool_id != machine.before.spool_id


class Watched(Volume):
    """Another's files. `open_meanwhile`: whenever the spool's file is read past SQLite, how often it is open."""

    def __init__(self, under: Volume, path: Path) -> None:
        self.open_meanwhile: list[int] = []
        self._under, self._path = under, path

    @property
    def vfs(self) -> str | None:
        return self._under.vfs

    def now(self) -> datetime:
        return self._under.now()

    def raw(self, path: Path, *, writable: bool = False) -> Raw:
        if path == self._path:
            self.open_meanwhile.append(open_files().count(path.resolve()))
        return self._under.raw(path, writable=writable)


def open_files() -> list[Path]:
    """Where this process's descriptors lead to."""
    gc.collect()  # what a test has dropped is closed then
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one by which they are listed
            found.append(descriptor.readlink())
    return found


def test_the_spool_is_not_open_when_it_is_read_past_sqlite_for_closing_takes_its_locks(machine: Machine):
    volume = Watched(machine.disk.mount(now=machine.time), machine.path)
    spool = Spool(machine.path, 1_000, volume)
    machine.disk.spoil("spool.db", page_of(machine, 100))
    with pytest.raises(SpoolUnavailable):
        contents(spool)
    for taken in range(2):
        machine.wait(40.0)
        spool.journal(window(WINDOWS, taken=taken))  # does not need the page, and leaves the file open
        assert machine.path.resolve() in open_files()
    assert volume.open_meanwhile == [0, 0, 0]


@pytest.mark.parametrize("number", [None, 100])
def test_healing_ends_at_what_has_not_been_unreadable_for_long(machine: Machine, number: int | None):
    machine.spool.check()
    machine.spool.close()
    machine.disk.spoil("spool.db", WINDOW_PAGE if number is None else page_of(machine, number))
    volume = machine.disk.mount(now=machine.time)
    with pytest.raises(Unreadable):
        heal(machine.path, volume, machine.path.stat().st_ino, Damaged("of a sudden"), None, frozenset())
    assert not machine.healed


def test_a_sector_that_only_the_delivery_needs_is_given_up_as_well(machine: Machine):
    machine.spool.delivered(range(150, WINDOWS + 1), NOW)
    machine.spool.close()
    machine.disk.spoil("spool.db", page_of(machine, 148))
    for minute in range(3):
        machine.spool.journal(window(WINDOWS, taken=minute))
        assert not machine.healed
        with suppress(SpoolUnavailable):
            machine.spool.newest_waiting()
        machine.wait(120.0)
    assert machine.healed
    assert 1 <= len(dropped(machine.spool)) <= 18


def test_a_step_of_the_wall_clock_does_not_end_the_patience(machine: Machine):
    machine.disk.spoil("spool.db", page_of(machine, 100))
    for seconds in (0.0, 5.0, 86_400.0, 5.0, 5.0):
        machine.wait(seconds)
        with pytest.raises(SpoolUnavailable):
            machine.spool.check()
    machine.wait(-86_400.0)
    assert machine.refused_until(machine.spool.check) <= 60


def test_while_one_sector_is_given_up_a_read_that_fails_elsewhere_drops_nothing_more(machine: Machine):
    machine.disk.spoil("spool.db", page_of(machine, 100))
    machine.disk.faults.refuse("read", times=None, one_in=10)
    for _ in range(60):
        with suppress(SpoolUnavailable):
            machine.spool.check()
        machine.wait(PATIENCE_S)
    machine.disk.mend()
    machine.refused_until(machine.spool.check)
    assert 1 <= len(dropped(machine.spool)) <= 18
    assert len(list(machine.disk.folder.glob("*.damaged-*Z"))) == 1


@pytest.mark.parametrize("one_in", [1, 4, 40])
def test_a_read_that_fails_while_damage_is_healed_takes_nothing_with_it(machine: Machine, one_in: int):
    machine.path.write_bytes(zeroed(machine.path.read_bytes(), page_of(machine, 100)))
    machine.disk.faults.refuse("read", times=None, one_in=one_in)
    for _ in range(30):
        with suppress(SpoolUnavailable):
            machine.spool.check()
        machine.wait(PATIENCE_S)
    machine.disk.mend()
    machine.spool.check()
    assert 1 <= len(dropped(machine.spool)) <= 18
    assert machine.spool.resume() == machine.before


def test_damage_that_can_be_read_is_healed_at_once(machine: Machine):
    machine.path.write_bytes(zeroed(machine.path.read_bytes(), page_of(machine, 100)))
    machine.spool.check()
    assert machine.healed


def test_a_log_that_ends_before_its_end_is_damage_and_not_waited_for(machine: Machine):
    fill(machine.spool, WINDOWS, WINDOWS + 19)
    log = machine.path.with_name("spool.db-wal")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size // 3)
    command = Spool(machine.path, 1_000)
    command.check()
    assert machine.healed
    machine.spool.check()
    assert machine.spool.verify().balanced
    command.close()


class OnDisk(Real):
    """The machine as it is, but for a disk."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool = spool

    def spool(self, config: SpoolConfig) -> Spool:
        return self._spool


def test_a_daemon_that_starts_while_its_spool_cannot_be_read_samples_and_loses_nothing(
    machine: Machine, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    codes = tmp_path / "codes.txt"
    codes.write_text("2048\n")
    machine.disk.faults.refuse("read", times=None, one_in=2)
    parts = build(Config(sensor=SensorConfig(path=codes)), OnDisk(machine.spool))
    assert "sampling starts without what it holds" in caplog.text
    parts.sampling.tick()
    parts.sampling.close()
    parts.handoff.put(Journal(parts.sampling.window))
    assert not parts.keeping.keep(parts.handoff.next())
    machine.disk.mend()
    assert parts.keeping.keep(parts.handoff.next())
    assert not machine.healed
    assert list(contents(machine.spool)) == list(range(1, WINDOWS + 1)), "its open window had no reading"
    parts.delivery.close()


def refuse(machine: Machine, at: int) -> None:
    """Let a sector be unreadable for a while: what is on it stays."""
    before = machine.path.read_bytes()
    machine.disk.spoil("spool.db", at)
    machine.path.write_bytes(before)


def test_a_page_that_fails_now_and_then_is_not_given_up_for_what_it_did_long_ago(machine: Machine):
    page = page_of(machine, 100)
    refuse(machine, page)
    for _ in range(8):  # 35 s: two looks that count
        with pytest.raises(SpoolUnavailable):
            machine.spool.check()
        machine.wait(PATIENCE_S)
    machine.disk.bad_sectors.written(machine.path.stat().st_ino, page, PAGE)
    for taken in (1, 2):
        machine.wait(43_200.0)
        machine.spool.journal(window(WINDOWS, taken=taken))
    refuse(machine, page)
    with pytest.raises(SpoolUnavailable):
        machine.spool.check()
    assert not machine.healed


def test_a_page_of_a_healed_file_is_waited_for_as_long_as_that_of_the_damaged_one(machine: Machine):
    page = page_of(machine, 100)
    machine.disk.spoil("spool.db", page)
    assert machine.refused_until(machine.spool.check) == 60
    machine.spool.close()  # and what it remembers of its pages
    machine.disk.spoil("spool.db", page)
    assert machine.refused_until(machine.spool.check) == 60
