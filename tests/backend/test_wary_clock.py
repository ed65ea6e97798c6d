"""A clock that was set ahead by mistake throws nothing away."""

from dataclasses import dataclass

import pytest

from sampler.backend.maintenance import WaryClock

DAY = 86_400.0


@dataclass
class World:
    """A wall clock and one that only goes on."""

    wall: float = 1_800_000_000.0
    ran: float = 5000.0

    def goes_on(self, seconds: float) -> None:
        self.wall += seconds
        self.ran += seconds

    def clock(self) -> WaryClock:
        return WaryClock(lambda: self.wall, lambda: self.ran)


def test_it_goes_with_the_wall_clock() -> None:
    world = World()
    clock = world.clock()

    assert clock() == 1_800_000_000
    world.goes_on(400 * DAY)
    assert clock() == 1_800_000_000 + 400 * DAY


@pytest.mark.parametrize("step", [-400 * DAY, -1.0, 59.0])
def test_a_step_back_or_a_slight_one_is_followed_at_once(step: float) -> None:
    world = World()
    clock = world.clock()
    world.wall += step

    assert clock() == 1_800_000_000 + step


def test_a_step_ahead_that_is_taken_back_was_none() -> None:
    world = World()
    clock = world.clock()
    world.wall += 600 * DAY
    assert clock() == 1_800_000_000
    world.goes_on(DAY - 1)
    assert clock() == 1_800_000_000 + DAY - 1

    world.wall -= 600 * DAY
    world.goes_on(10)

    assert clock() == 1_800_000_000 + DAY + 9


def test_a_step_ahead_that_lasts_a_day_is_the_truth() -> None:
    world = World()
    clock = world.clock()
    world.wall += 600 * DAY
    assert clock() == 1_800_000_000

    world.goes_on(DAY)

    assert clock() == 1_800_000_000 + 601 * DAY


def test_the_day_begins_anew_with_each_step() -> None:
    world = World()
    clock = world.clock()
    for _ in range(2):
        world.wall += 600 * DAY
        clock()
        world.goes_on(DAY - 1)
        assert clock() < 1_800_000_000 + 3 * DAY
        world.wall -= 600 * DAY
        clock()
