"""Whether storing fails is told when it changes."""

import pytest

from sampler.backend.store import StoreUnavailable
from sampler.backend.store.outage import Outage


class Told:
    """An outage under a clock that the test sets, and what it has logged."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.now = 100.0
        self.outage = Outage(lambda: self.now)
        self._log = caplog

    def failed(self, at: float) -> None:
        self.now = at
        self.outage.failed(StoreUnavailable("the disk is full"))

    def worked(self, at: float) -> None:
        self.now = at
        self.outage.worked()

    @property
    def lines(self) -> list[str]:
        return [
            line.removesuffix(", clients are asked to come again: the disk is full")
            for line in self._log.messages
        ]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    return Told(caplog)


def test_an_outage_is_told_once_and_so_is_its_end(told: Told) -> None:
    told.worked(100)
    assert not told.outage.lasts
    for at in (101, 102, 190):
        told.failed(at)
        assert told.outage.lasts
    told.worked(191)
    told.worked(192)

    assert not told.outage.lasts
    assert told.lines == ["nothing can be stored", "storing again after 90 s"]


def test_where_some_find_room_and_others_do_not_it_lasts_until_nothing_has_failed_for_five_seconds(
    told: Told,
) -> None:
    for at in range(100, 130):
        told.failed(at)
        told.worked(at + 0.5)
    assert told.outage.lasts
    told.worked(133)
    assert told.outage.lasts
    told.worked(135)

    assert not told.outage.lasts
    assert told.lines == [
        "nothing can be stored",
        "storing again after 0 s",
        "nothing can be stored",
        "storing again after 34 s",  # since the second failure, at 101
    ]


def test_the_next_outage_some_time_later_ends_at_once_like_the_first(told: Told) -> None:
    told.failed(100)
    told.worked(101)
    told.failed(110)
    told.worked(111)

    assert not told.outage.lasts


def test_a_bug_is_told_with_its_trace(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    told.outage.failed(ZeroDivisionError("a bug"))

    assert caplog.records[0].exc_info
