"""The keeping flow: what sampling hands over reaches the spool in order, whatever the disk does."""

import logging
from pathlib import Path
from threading import Event

import apsw
import pytest

from sampler.device.adc import Adc
from sampler.device.clock import NS
from sampler.device.handoff import Handoff, Journal, Release, Turn
from sampler.device.keeping import PATIENCE_S, Keeping
from sampler.device.spool import Spool
from sampler.device.window import Window
from tests.device.fake_clock import NOON
from tests.disk import Disk


class Rig:
    """A handoff, a real spool, and a pause that does what the test wants instead of waiting."""

    def __init__(self, path: Path) -> None:
        self.handoff = Handoff()
        self.spool = Spool(path / "spool.db", 1_000)
        self.rings = 0
        self.stop = Event()
        self.pauses: list[float] = []
        self.keeping = Keeping(self.handoff, self.spool, self.pause, self.ring)

    def pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.at_pause()
        return self.stop.is_set()

    def at_pause(self) -> None:
        """Do nothing, unless a test has something else in mind."""

    def ring(self) -> None:
        self.rings += 1

    def turn(self, number: int) -> Turn:
        closed = window(number)
        closed.take(number)
        return Turn(closed, window(number + 1))

    def run(self) -> None:
        self.handoff.close()
        self.keeping.run()


def window(number: int) -> Window:
    opened = number * 120 * NS
    return Window(Adc(), "boot-1", opened, opened + 120 * NS, NS // 10, NOON, NOON + opened)


@pytest.fixture
def rig(tmp_path: Path):
    rig = Rig(tmp_path)
    yield rig
    rig.spool.close()


def test_windows_reach_the_spool_in_their_order(rig: Rig):
    for number in range(5):
        rig.handoff.put(rig.turn(number))
    rig.run()
    starts = [entry.measurement.start for entry in rig.spool.entries()]
    assert len(starts) == 5
    assert starts == sorted(starts)
    assert rig.rings == 5


def test_the_journal_is_what_the_next_daemon_goes_on_with(rig: Rig):
    one = window(0)
    one.take(77)
    rig.handoff.put(Journal(one))
    rig.run()
    assert rig.spool.resume().window == one


def test_a_window_that_is_closed_is_no_longer_the_open_one(rig: Rig):
    rig.handoff.put(Journal(window(0)))
    rig.handoff.put(rig.turn(0))
    rig.run()
    assert rig.spool.resume().window == window(1)


def test_the_last_window_of_a_source_leaves_no_open_one(rig: Rig):
    closed = rig.turn(0).closed
    rig.handoff.put(Turn(closed, None))
    rig.run()
    assert rig.spool.resume().window is None
    assert rig.spool.status().sequence == 1


def test_windows_held_back_wait_until_they_are_released(rig: Rig):
    turn = rig.turn(0)
    turn.closed.clock = "unset"
    rig.handoff.put(Turn(turn.closed, turn.opened, hold=True))
    rig.run()
    assert rig.spool.newest_waiting() == []
    assert rig.keeping.keep(Release())
    assert [kept.sequence for kept in rig.spool.newest_waiting()] == [1]


def test_while_the_disk_is_full_windows_wait_in_memory_and_none_is_lost_or_doubled(rig: Rig, caplog):
    caplog.set_level(logging.INFO)
    rig.handoff.put(rig.turn(0))
    with Disk() as disk:
        disk.fault = apsw.FullError
        for number in range(1, 8):
            rig.handoff.put(rig.turn(number))

        def at_pause() -> None:
            disk.fault = apsw.FullError if len(rig.pauses) < 3 else None

        rig.at_pause = at_pause  # type: ignore[method-assign]
        rig.run()
        rig.spool.close()
    assert [entry.sequence for entry in rig.spool.entries()] == list(range(1, 9))
    assert rig.pauses == [PATIENCE_S] * 3
    told = [record.message for record in caplog.records if record.name == "sampler.keeping"]
    assert len(told) == 2
    assert "windows wait in memory" in told[0]
    assert told[1] == "the disk is back; 8 windows waited in memory"


def test_a_stop_while_the_disk_is_away_says_what_is_lost(rig: Rig, caplog):
    with Disk() as disk:
        disk.fault = apsw.FullError
        for number in range(3):
            rig.handoff.put(rig.turn(number))
        rig.stop.set()
        rig.run()
        rig.spool.close()
    assert "the disk does not come back: 3 windows in memory are lost" in caplog.text
    assert rig.keeping.lost


def test_windows_that_memory_could_not_hold_are_named(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.handoff = Handoff(limit=2)
    rig.keeping = Keeping(rig.handoff, rig.spool, rig.pause, rig.ring)
    for number in range(5):
        rig.handoff.put(rig.turn(number))
    rig.run()
    account = rig.spool.verify()
    assert (account.produced, account.waiting, account.dropped, account.balanced) == (5, 2, 3, True)
    rig.spool.close()
