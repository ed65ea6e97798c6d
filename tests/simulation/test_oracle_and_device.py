"""The oracle over the real sampling, keeping and spool, driven by hand through what befalls a device: no complaint."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, count, repeat
from pathlib import Path
from random import Random

import pytest

from simulation.diary import NO_VALUE, NS, Given, Settings
from tests.simulation.a_device import ADevice

SETTINGS = Settings(length=12 * NS, period=NS, journal=3 * NS, patience=60 * NS)
STEPS = (0.07, -0.07, 0.2, -0.2, 1.0, -1.0, -4.0, -6.0, 30.0, -30.0, 3600.0, -3600.0)


def wandering(luck: Random) -> Iterator[Given]:
    """Codes that wander, with everything among them that a sensor can give."""
    code = 2000
    while True:
        code = min(max(code + luck.randrange(-40, 41), 0), 4095)
        yield from luck.choices(
            (
                [code],
                [NO_VALUE],
                [luck.choice(("blank", "failed"))],
                [luck.choice((-1, 5000))],
                ["hung"] * 40,
            ),
            weights=(960, 10, 10, 10, 1),
        )[0]


@pytest.fixture
def device(tmp_path: Path) -> Iterator[ADevice]:
    device = ADevice(tmp_path, wandering(Random(7)), SETTINGS)
    device.begin()
    yield device
    device.stop()
    assert list(map(str, device.verdict())) == []
    assert sum(len(life.asked) for life in device.diary.lives) > 20


def test_a_day_on_which_nothing_happens(device: ADevice):
    device.run(100)


def test_a_daemon_that_is_killed_and_comes_back_inside_its_window_and_after_it(device: ADevice):
    for away in (0.5, 3.0, 20.0, 60.0):
        device.run(17)
        device.die()
        device.stand_still(away)
        device.begin()
    device.run(17)


def test_a_daemon_that_is_stopped_and_comes_back_with_another_calibration(device: ADevice):
    device.run(17)
    device.stop()
    device.settings = replace(SETTINGS, max_c=60.0)
    device.offset -= 4 * NS
    device.begin()
    device.run(17)


def test_power_that_fails_under_clocks_that_come_back_late_early_and_in_1970(device: ADevice):
    for wall_s in (0.0, 5.0, -3.0, -3600.0, -1.7e9, 0.0):
        device.run(30)
        device.die("power")
        device.reboot(25.0, wall_s)
        device.begin()
    device.run(30)


def test_a_clock_that_is_set_while_windows_are_held_back(device: ADevice):
    device.step(-1.7e9)
    device.run(40)
    device.step(1.7e9)
    device.run(40)


def test_a_clock_that_is_moved_forward_a_little_back_and_far_back_and_forth(device: ADevice):
    for step in STEPS:
        device.run(19)
        device.step(step)
    device.run(100)


def test_a_process_that_stands_still_for_parts_of_windows_and_for_whole_ones(device: ADevice):
    for seconds in (0.4, 1.5, 9.0, 40.0):
        device.run(8.7)
        device.stand_still(seconds)
    device.run(30)


def test_a_disk_that_refuses_for_windows_and_a_crash_while_it_does(device: ADevice):
    device.run(15)
    device.refuse(40)
    device.run(15)
    device.refuse(30)
    device.die()
    device.begin()
    device.run(15)


def test_windows_on_the_grid_of_utc(tmp_path: Path):
    device = ADevice(tmp_path, wandering(Random(9)), replace(SETTINGS, align="utc"))
    device.offset += 3 * NS
    device.begin()
    for step in STEPS:
        device.run(19)
        device.step(step)
    device.stop()
    assert device.verdict() == []


def test_a_sensor_that_is_broken_for_windows(tmp_path: Path):
    given = chain(range(1000, 1017), repeat("blank", 40), count(1200))
    device = ADevice(tmp_path, given, SETTINGS)
    device.begin()
    device.run(80)
    device.stop()
    assert device.verdict() == []


def test_a_reading_that_was_another_is_seen(tmp_path: Path):
    device = ADevice(tmp_path, repeat(1000), SETTINGS)
    device.begin()
    device.run(30)
    device.stop()
    device.life.given[15] = 1200
    # The mean of the second window is 1016.67 then: -50 + 100 * 1016.67 / 4095 = -25.17
    assert [str(one) for one in device.verdict()] == [
        "a device, measurement 2 (b): the maximum of its readings is -20.7 °C, not -25.58",
        "a device, measurement 2 (b): the average of its readings is -25.17 °C, not -25.58",
    ]


@pytest.mark.parametrize("seed", range(5))
def test_any_life(tmp_path: Path, seed: int):
    luck = Random(seed)
    settings = Settings(
        length=luck.choice((10, 12, 20)) * NS,
        period=luck.choice((NS // 2, NS, 2 * NS)),
        journal=luck.choice((1, 3, 10)) * NS,
        patience=luck.choice((25, 100)) * NS,
        align=luck.choice(("start", "utc")),
    )
    device = ADevice(tmp_path, wandering(luck), settings)
    device.begin()
    for _ in range(12):
        device.run(luck.choice((0.3, 3.0, 30.0, 60.0)) * luck.random())
        befall(device, luck)
    device.stop()
    assert list(map(str, device.verdict())) == []


def befall(device: ADevice, luck: Random) -> None:
    """Let one thing happen."""
    match luck.choice(("step", "die", "stop", "power", "stand still", "refuse", "deliver")):
        case "step":
            device.step(luck.choice(STEPS))
        case "die":
            device.die()
            device.stand_still(luck.choice((0.1, 3.0, 50.0)) * luck.random())
            device.begin()
        case "stop":
            device.stop()
            device.offset += round(luck.choice((0.0, 0.0, -3.0, 3.0)) * NS)
            device.begin()
        case "power":
            device.die("power")
            device.reboot(100.0 * luck.random(), luck.choice((0.0, 0.0, -1.0, -8.0, 30.0, -3600.0)))
            device.begin()
        case "stand still":
            device.stand_still(30.0 * luck.random())
        case "refuse":
            device.refuse(40.0 * luck.random())
        case _:
            device.deliver(0.7, luck)
