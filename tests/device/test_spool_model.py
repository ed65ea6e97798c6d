"""Any order of anything that can be done to a spool leaves an account that balances, and says what a list would say."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sampler.device.spool import Spool
from tests.device.spools import EPOCH, LENGTH, NOW, contents, window

MOST = 12


class Backlog(RuleBasedStateMachine):
    """A spool, and beside it a dict: number -> where that measurement is now."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Path(tempfile.mkdtemp())
        self.spool = Spool(self.room / "spool.db", MOST)
        self.model: dict[int, str] = {}
        self.window = 0

    @initialize()
    def begin(self):
        self.spool.journal(window(0, taken=1))

    def teardown(self):
        self.spool.close()
        shutil.rmtree(self.room)

    def there(self, *states: str) -> list[int]:
        return [number for number, state in self.model.items() if state in states]

    def bound(self):
        left = self.there("waiting", "held", "set_aside")
        for number in left[: max(len(left) - MOST, 0)]:
            self.model[number] = "dropped"

    @rule(taken=st.integers(0, 3), hold=st.booleans(), relabel=st.booleans())
    def turn(self, taken: int, hold: bool, relabel: bool):
        hold = hold or (
            bool(self.there("held")) and not relabel
        )  # until their times come, or the wait is over
        clock = "unset" if hold else "set"
        closed, opened = window(self.window, taken, clock=clock), window(self.window + 1, 0)
        kept = self.spool.turn(closed, opened, hold=hold, relabel=EPOCH if relabel else None)
        assert (kept is None) == (taken == 0)
        if kept is not None:
            assert kept.sequence == len(self.model) + 1
            self.model[kept.sequence] = "held" if hold else "waiting"
        if relabel:
            self.model.update(dict.fromkeys(self.there("held"), "waiting"))
        self.bound()
        self.window += 1

    @rule(gap=st.integers(2, 5))
    def leave_behind(self, gap: int):
        left = self.spool.resume().window
        self.window += gap
        self.spool.journal(window(self.window, 0))  # its clock is set
        self.model.update(dict.fromkeys(self.there("held"), "waiting"))
        if left is not None and left.taken:
            self.model[len(self.model) + 1] = "waiting"

    @precondition(lambda self: not self.there("held"))
    @rule(count=st.integers(1, 3))
    def lose(self, count: int):
        start = EPOCH + self.window * LENGTH  # the journalled one is the first of them
        self.spool.lose(count, start, start + count * LENGTH, "memory was full")
        self.window += count
        for _ in range(count):
            self.model[len(self.model) + 1] = "dropped"

    @rule(count=st.integers(1, 10))
    def deliver(self, count: int):
        gone = [kept.sequence for kept in self.spool.newest_waiting(count)]
        assert gone == self.there("waiting")[-count:]
        self.spool.delivered([*gone, *range(1, 3)], NOW)
        self.model.update(
            dict.fromkeys({*gone, 1, 2} & set(self.there("waiting", "held", "set_aside")), "delivered")
        )

    @precondition(lambda self: self.there("waiting"))
    @rule(data=st.data())
    def set_aside(self, data: st.DataObject):
        number = data.draw(st.sampled_from(self.there("waiting")))
        self.spool.set_aside(number, "no", NOW)
        self.model[number] = "set_aside"

    @rule()
    def retry(self):
        assert self.spool.retry() == len(self.there("set_aside"))
        self.model.update(dict.fromkeys(self.there("set_aside"), "waiting"))

    @rule(numbers=st.sets(st.integers(1, 40), max_size=4))
    def drop(self, numbers: set[int]):
        gone = numbers & set(self.there("waiting", "held", "set_aside"))
        assert self.spool.drop(numbers, "by hand") == len(gone)
        self.model.update(dict.fromkeys(gone, "dropped"))

    @rule()
    def release(self):
        assert self.spool.release() == len(self.there("held"))
        self.model.update(dict.fromkeys(self.there("held"), "waiting"))

    @rule()
    def start_again(self):
        self.spool.close()

    @invariant()
    def balances_and_is_what_the_list_says(self):
        account, status = self.spool.verify(), self.spool.status()
        assert account.balanced
        assert {number: entry.state for number, entry in contents(self.spool).items()} == {
            number: self.model[number] for number in self.there("waiting", "held", "set_aside")
        }
        assert account.delivered == status.delivered == len(self.there("delivered"))
        assert account.dropped == status.dropped == len(self.there("dropped"))
        assert account.produced == status.sequence == len(self.model)
        assert (status.waiting, status.held) == (account.waiting, account.held)


TestBacklog = Backlog.TestCase
TestBacklog.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
