"""Readings to a measurement, every number worked out by hand."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sampler.device.adc import Adc
from sampler.device.clock import NS
from sampler.device.spool.rows import pack
from sampler.device.window import Window
from sampler.measurement import iso
from tests.device.fake_clock import NOON

PERIOD = NS // 10


def window(length_s: float = 1.0, opened: int = 1_000 * NS, boot_id: str = "boot-1") -> Window:
    return Window(Adc(), boot_id, opened, opened + round(length_s * NS), PERIOD, NOON - opened, NOON)


def test_a_window_gives_minimum_maximum_and_average_of_its_readings():
    one = window()
    for code in (0, 4095, 2048):  # -50, 50 and 0.0122 °C
        one.take(code)
    measurement = one.close()
    assert measurement is not None
    # The mean code is 6143 / 3 = 2047.67: -50 + 100 * 2047.67 / 4095 = 0.0041
    assert (measurement.min, measurement.max, measurement.average) == (-50.0, 50.0, 0.0)


def test_an_average_is_rounded_once_and_ties_go_to_the_even_digit():
    # 4095 codes cover 100 °C here, so that a code is 1/40.95 °C; with 4000 steps a code is 0.025 °C exactly.
    exact = Adc(min_c=0.0, max_c=102.375)
    assert [exact.mean_celsius(code, 1) for code in (1, 3, 5)] == [0.02, 0.08, 0.12]  # 0.025 0.075 0.125


def test_a_window_is_labelled_from_its_offset():
    one = window(length_s=120)
    one.take(3000)
    measurement = one.close()
    assert measurement is not None
    assert (iso(measurement.start), iso(measurement.end)) == (
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T12:02:00.000Z",
    )


def test_a_window_without_one_good_reading_gives_nothing_and_accounts_for_all():
    one = window()
    one.spoil("blank")
    one.miss_until(one.closes, "late")
    assert one.close() is None
    assert one.quality().as_json() == {
        "due": 10, "taken": 0, "missed": {"late": 9}, "bad": {"blank": 1}, "clock": "set",
    }  # fmt: skip


def test_the_next_reading_is_due_a_period_after_the_last_whatever_became_of_it():
    one = window()
    assert one.deadline == one.opened
    one.take(1)
    one.spoil("blank")
    one.miss(1, "late")
    assert one.deadline == one.opened + 3 * PERIOD


def test_a_whole_window_is_due_a_reading_every_period_and_closes_after_the_last():
    one = window(length_s=120)
    assert one.planned == 1200
    for _ in range(1200):
        one.take(7)
    assert one.deadline == one.closes
    assert one.quality().whole


def test_readings_before_an_instant_are_missed_and_the_one_at_it_is_not():
    one = window()
    one.miss_until(one.opened + 3 * PERIOD, "away")
    assert one.missed == {"away": 3}
    one.miss_until(one.opened + 3 * PERIOD + 1, "away")
    assert one.missed == {"away": 4}


def test_no_more_can_be_missed_than_the_window_has_left():
    one = window()
    one.take(1)
    one.miss(1_000, "late")
    assert one.quality().missed == {"late": 9}


def test_a_window_whose_length_is_no_whole_number_of_periods_begins_reading_later():
    short = window(length_s=0.95)
    assert short.planned == 9
    assert short.deadline == short.opened + PERIOD // 2
    assert short.closes - (short.deadline + 8 * PERIOD) == PERIOD


def test_a_window_that_ran_out_while_its_daemon_was_away_closes_where_it_should_have():
    one = window()
    one.take(5)
    left = one.left_behind(window(opened=one.opened + 60 * NS))
    assert (left.closes, left.quality().as_json()["missed"]) == (one.closes, {"away": 9})


def test_a_window_that_was_replaced_early_ends_where_its_successor_begins():
    one = window()
    one.take(5)
    left = one.left_behind(window(opened=one.opened + 4 * PERIOD))
    assert left.closes == one.opened + 4 * PERIOD
    assert left.quality().missed == {"away": 3}


def test_a_window_of_another_boot_ends_at_the_last_instant_that_is_known_of_it():
    one = window()
    for _ in range(4):
        one.take(5)
    left = one.left_behind(window(boot_id="boot-2", opened=7))
    assert left.closes == one.opened + 4 * PERIOD
    assert left.quality().as_json()["missed"] == {}


def test_a_window_cut_short_after_a_step_back_still_ends_after_its_start():
    one = replace(window(), start=NOON + 30 * NS)
    one.take(5)
    measurement = one.cut().close()
    assert measurement is not None
    assert measurement.start < measurement.end


def test_a_snapshot_does_not_change_with_its_window():
    one = window()
    one.spoil("blank")
    snapshot = one.snapshot()
    one.spoil("blank")
    assert snapshot.bad == {"blank": 1}


@given(st.lists(st.sampled_from(["take", "spoil", "miss"]), max_size=10), st.integers(0, 4095))
def test_a_window_comes_back_from_the_journal_as_it_was(steps: list[str], code: int):
    one = window()
    for step in steps:
        {
            "take": lambda: one.take(code),
            "spoil": lambda: one.spoil("blank"),
            "miss": lambda: one.miss(1, "x"),
        }[step]()
    assert Window.from_json(json.loads(pack(one))) == one
    assert one.due == len(steps)
