"""The real spool on the simulated disk: ended at each of its steps, it has kept what it said it kept."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from sampler.device.spool import Spool, SpoolUnavailable
from sampler.device.window import Window
from simulation.disk import Crash, Disk, seed_sqlite
from tests.device.spools import NOW, contents, dropped, window

FIRST = 40
"""How many windows are in the spools that are ended."""
PAGE = 4096
SECONDS = (NOW + timedelta(seconds=number) for number in count())
"""What time it is, later each time that it is asked."""


@cache
def closed(number: int) -> Window:
    return window(number, taken=10)


@cache
def begun(number: int) -> Window:
    return window(number, taken=0)


def turn(spool: Spool, first: int, last: int) -> None:
    for number in range(first, last + 1):
        spool.turn(closed(number), begun(number + 1))


def spool_on(disk: Disk) -> Spool:
    return Spool(disk.folder / "spool.db", 1_000, disk.mount(now=lambda: next(SECONDS)))


Files = dict[str, bytes]


@pytest.fixture(scope="module")
def unclosed() -> Files:
    """A spool as a daemon leaves it that was killed: its last windows are in its log only."""
    with TemporaryDirectory() as folder:
        seed_sqlite(Random(0))
        disk = Disk(Path(folder) / "disk", Random(0))
        spool = spool_on(disk)
        turn(spool, 0, FIRST - 4)
        spool.close()
        turn(spool, FIRST - 3, FIRST - 1)
        disk.kill()
        return disk.places.contents()


@pytest.fixture(scope="module")
def damaged(unclosed: Files) -> Files:
    """The same without the pages, current or forgotten, that its oldest measurement is on."""
    data = unclosed["spool.db"]
    pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    oldest = f'"end":{closed(0).end}'.encode()
    return unclosed | {"spool.db": b"".join(bytes(PAGE) if oldest in page else page for page in pages)}


def disk_with(folder: Path, files: Files, seed: int) -> Disk:
    disk = Disk(folder, Random(seed))
    for name, data in files.items():
        (disk.folder / name).write_bytes(data)
    return disk


@dataclass
class Trial:
    """What a spool was about when it ended. `said`: what had been acknowledged by then."""

    disk: Disk
    said: int = 0


Work = Callable[[Spool, Trial], None]
Arm = Callable[[Disk, int], None]


def ended_at_each_step(
    memory: Path, files: Files, work: Work, arm: Arm, outcomes: int
) -> Iterator[tuple[Trial, Spool]]:
    """Do the work again and again, and end it one step later each time; give what the next process finds."""
    for step in count():
        for outcome in range(outcomes):
            trial = Trial(disk_with(memory / f"{step}-{outcome}", files, 1_000 * step + outcome))
            spool = spool_on(trial.disk)
            arm(trial.disk, step)
            try:
                work(spool, trial)
            except Crash:
                ended = True
            else:
                ended = False
            trial.disk.disarm()
            if not ended:
                assert step > 10, "nothing was done"
                return
            spool = spool_on(trial.disk)
            yield trial, spool
            spool.close()


def kill(disk: Disk, step: int) -> None:
    disk.arm_kill(step)


def cut_power(disk: Disk, step: int) -> None:
    disk.arm_power_cut(0, step)


ENDS = pytest.mark.parametrize(
    ("arm", "outcomes"),
    [
        pytest.param(kill, 1, id="kill"),
        pytest.param(cut_power, 3, id="power cut"),
        pytest.param(cut_power, 20, id="power cut, twenty outcomes", marks=pytest.mark.real),
    ],
)


def goes_on(spool: Spool, first: int) -> None:
    """See that windows are taken again."""
    turn(spool, first, first + 1)
    account = spool.verify()
    assert account.balanced
    assert account.produced == first + 2


@ENDS
def test_windows_that_were_taken_are_there_whenever_it_ended(
    memory: Path, unclosed: Files, arm: Arm, outcomes: int
) -> None:
    def work(spool: Spool, trial: Trial) -> None:
        for number in (FIRST, FIRST + 1):
            turn(spool, number, number)
            trial.said = number + 1

    for trial, spool in ended_at_each_step(memory, unclosed, work, arm, outcomes):
        spool.check()
        sequence = spool.resume().sequence
        assert max(trial.said, FIRST) <= sequence <= FIRST + 2
        assert spool.resume().window == begun(sequence)
        assert [entry.measurement for entry in spool.entries()] == [
            closed(number).close() for number in range(sequence)
        ]
        goes_on(spool, sequence)


@ENDS
def test_what_was_delivered_is_gone_and_nothing_else_whenever_it_ended(
    memory: Path, unclosed: Files, arm: Arm, outcomes: int
) -> None:
    def work(spool: Spool, trial: Trial) -> None:
        for last in (FIRST, FIRST - 10):
            spool.delivered(range(last - 9, last + 1), NOW)
            trial.said += 10

    for trial, spool in ended_at_each_step(memory, unclosed, work, arm, outcomes):
        account = spool.verify()
        assert account.balanced
        assert account.delivered in {trial.said, trial.said + 10}
        assert list(contents(spool)) == list(range(1, FIRST - account.delivered + 1))
        goes_on(spool, FIRST)


@ENDS
def test_a_new_spool_can_be_made_whenever_the_making_ended(memory: Path, arm: Arm, outcomes: int) -> None:
    def work(spool: Spool, trial: Trial) -> None:
        turn(spool, 0, 0)
        trial.said = 1

    for trial, spool in ended_at_each_step(memory, {}, work, arm, outcomes):
        sequence = spool.resume().sequence
        assert trial.said <= sequence <= 1
        goes_on(spool, sequence)


@ENDS
def test_a_spool_is_healed_whenever_the_healing_ended(
    memory: Path, damaged: Files, arm: Arm, outcomes: int
) -> None:
    def work(spool: Spool, _: Trial) -> None:
        spool.check()

    lost = set()
    for trial, spool in ended_at_each_step(memory, damaged, work, arm, outcomes):
        spool.check()
        there = set(contents(spool))
        lost.add(frozenset(dropped(spool)))
        assert there | dropped(spool) == set(range(1, FIRST + 1))
        assert spool.resume().window == begun(FIRST)
        assert len(list(trial.disk.folder.glob("*.damaged-*Z"))) == 1, "it was damaged once"
        goes_on(spool, FIRST)
    assert len(lost) == 1, "the same is lost as if it had not ended"
    assert 5 < len(lost.pop()) < 20


def test_a_full_disk_refuses_and_later_goes_on(memory: Path, unclosed: Files) -> None:
    disk = disk_with(memory / "disk", unclosed, 0)
    spool = spool_on(disk)
    turn(spool, FIRST, FIRST + 4)
    disk.faults.fill(room=50_000)
    with pytest.raises(SpoolUnavailable, match="full"):
        turn(spool, FIRST + 5, FIRST + 500)
    sequence = Spool.view(disk.folder / "spool.db").status().sequence
    disk.mend()
    spool.check()
    assert spool.resume().sequence == sequence
    goes_on(spool, sequence)
    assert disk.injected["write ENOSPC"]
    spool.close()


def test_a_bit_that_turns_in_a_measurement_is_named_as_its_loss(memory: Path, damaged: Files) -> None:
    disk = disk_with(memory / "disk", damaged, 0)
    spool = spool_on(disk)
    spool.check()
    before = dropped(spool)
    spool.close()
    data = bytearray((disk.folder / "spool.db").read_bytes())
    data[data.rindex(b'"taken":10') + 9] ^= 1
    (disk.folder / "spool.db").write_bytes(data)
    spool = spool_on(disk)
    spool.check()
    (gone,) = dropped(spool) - before
    assert set(contents(spool)) == set(range(1, FIRST + 1)) - before - {gone}
    spool.close()


def look_until_it_can_be_read(spool: Spool) -> None:
    for _ in range(120):  # each time a second later at least
        with suppress(SpoolUnavailable):
            spool.check()
            return


def test_a_sector_of_the_log_that_cannot_be_read_costs_what_is_on_it(memory: Path, unclosed: Files) -> None:
    for at in range(0, len(unclosed["spool.db-wal"]), 1_500):
        disk = disk_with(memory / str(at), unclosed, at)
        spool = spool_on(disk)
        disk.spoil("spool.db-wal", at)
        look_until_it_can_be_read(spool)
        account = spool.verify()
        assert account.balanced
        assert account.produced >= FIRST - 3
        assert FIRST - 4 <= account.waiting <= FIRST
        goes_on(spool, account.produced)
        spool.close()


def test_a_read_only_disk_is_waited_for_and_is_no_damage(memory: Path, unclosed: Files) -> None:
    disk = disk_with(memory / "disk", unclosed, 0)
    disk.faults.make_read_only()
    spool = spool_on(disk)
    for _ in range(2):
        with pytest.raises(SpoolUnavailable, match=r"\(the disk is read-only\)"):
            turn(spool, FIRST, FIRST)
    disk.mend()
    goes_on(spool, FIRST)
    assert not list(disk.folder.glob("*damaged*"))
    spool.close()
