"""What is done in the background goes on, whatever happens, and ends when it is to."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sampler.backend.maintenance import Chore, Maintenance, now_and_then
from sampler.backend.store import StoreUnavailable

PATIENCE_S = 10


class Work:
    """Something that there is so much of."""

    def __init__(self, amount: int, fault: Exception | None = None) -> None:
        self.amount = amount
        self.done = 0
        self.enough = asyncio.Event()
        self._fault = fault

    async def some(self) -> bool:
        self.done += 1
        if self._fault:
            fault, self._fault = self._fault, None
            raise fault
        if self.done >= self.amount:
            self.enough.set()
        return self.done < self.amount


async def see(work: Callable[[], Work], *others: Chore, until: Callable[[Work], Awaitable[object]]) -> Work:
    one = work()
    maintenance = Maintenance([one.some, *others], pause_s=0.01)
    await maintenance.start()
    await asyncio.wait_for(until(one), PATIENCE_S)
    await maintenance.stop()
    return one


def test_work_is_done_until_there_is_no_more_and_looked_for_again() -> None:
    async def looked_for_again(work: Work) -> None:
        await work.enough.wait()
        done = work.done
        while work.done < done + 3:
            await asyncio.sleep(0.01)

    work = asyncio.run(see(lambda: Work(50), until=looked_for_again))

    assert work.done >= 53


def test_a_store_that_is_away_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(see(lambda: Work(3, StoreUnavailable("away")), until=lambda work: work.enough.wait()))

    assert not caplog.records  # who writes tells of it


def test_a_fault_of_ours_is_told_and_not_tried_again_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async def told(_: Work) -> None:
        while not caplog.records:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)

    work = asyncio.run(see(lambda: Work(3, ValueError("ours")), until=told))

    assert work.done == 1
    assert [record.getMessage() for record in caplog.records] == ["maintenance failed and goes on in 60 s"]


def test_the_end_waits_for_what_was_begun_and_begins_nothing_more() -> None:
    async def end_while_working() -> list[str]:
        said: list[str] = []
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def long() -> bool:
            begun.set()
            await may_end.wait()
            said.append("done")
            return True

        async def next_one() -> bool:
            said.append("another")
            return True

        maintenance = Maintenance([long, next_one])
        await maintenance.start()
        await begun.wait()
        ending = asyncio.create_task(maintenance.stop())
        await asyncio.sleep(0.05)
        assert not ending.done()
        may_end.set()
        await asyncio.wait_for(ending, PATIENCE_S)
        return said

    assert asyncio.run(end_while_working()) == ["done"]


def test_a_chore_of_now_and_then_is_left_alone_when_it_is_done_and_not_before() -> None:
    async def course() -> list[int]:
        work, clock = Work(2), [0.0]
        sometimes = now_and_then(work.some, 60.0, lambda: clock[0])
        done = []
        for now in (0.0, 0.0, 0.0, 59.9, 60.0):
            clock[0] = now
            await sometimes()
            done.append(work.done)
        return done

    assert asyncio.run(course()) == [1, 2, 2, 2, 3]
