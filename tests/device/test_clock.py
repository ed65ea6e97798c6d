"""Which wall time a window is given, when somebody moves the clock."""

from threading import Event

import pytest

from sampler.device.clock import NS, Clock, FastClock, Timeline
from tests.device.fake_clock import NOON

LENGTH = 120 * NS
BOOT = 1_000 * NS
OFFSET = NOON - BOOT
HOUR, DAY = 3_600 * NS, 86_400 * NS


class Windows:
    """Labels window after window on one timeline; all of them are kept to look at."""

    def __init__(self, newest: int = 0, opened: int = BOOT) -> None:
        self.timeline = Timeline(newest)
        self.opened = opened
        self.given: list[tuple[int, int]] = []

    def open(self, offset: int):
        label = self.timeline.label(self.opened, offset, LENGTH)
        self.opened += LENGTH
        self._label = label
        return label

    def close(self):
        end = self.opened + self._label.offset
        self.given.append((self._label.start, end))
        if self.timeline.held_since is None:
            self.timeline.closed(end)


def test_windows_touch_while_the_clock_stands_firm():
    windows = Windows()
    for flutter in (0, 3_000_000, -3_000_000):
        windows.open(OFFSET + flutter)
        windows.close()
    starts, ends = zip(*windows.given, strict=True)
    assert starts == (NOON, *ends[:-1])


def test_after_a_step_forward_the_next_window_is_labelled_by_the_new_time_and_a_gap_shows():
    windows = Windows()
    windows.open(OFFSET)
    windows.close()
    label = windows.open(OFFSET + HOUR)
    assert (label.start, label.clock) == (NOON + LENGTH + HOUR, "set")


def test_after_a_small_step_back_one_label_is_shorter_than_its_window_and_none_overlaps():
    windows = Windows()
    windows.open(OFFSET)
    windows.close()
    label = windows.open(OFFSET - 10 * NS)
    windows.close()
    assert (label.start, label.clock) == (NOON + LENGTH, "stepped")
    assert windows.given[1] == (NOON + LENGTH, NOON + 2 * LENGTH - 10 * NS)
    assert windows.open(OFFSET - 10 * NS).start == NOON + 2 * LENGTH - 10 * NS


def test_every_label_that_is_shorter_than_its_window_says_so_however_many_a_step_back_takes():
    # On the grid of UTC a window can close before the time has come to where labels have gone.
    timeline = Timeline(NOON + 30 * NS)
    first = timeline.label(BOOT, OFFSET, LENGTH)
    timeline.closed(NOON + 30 * NS + 1_000_000)
    second = timeline.label(BOOT + 10 * NS, OFFSET, LENGTH)
    assert (first.start, first.clock) == (NOON + 30 * NS, "stepped")
    assert (second.start, second.clock) == (NOON + 30 * NS + 1_000_000, "stepped")


def test_after_a_step_back_by_a_day_windows_are_held_back_by_monotonic_distance():
    windows = Windows()
    windows.open(OFFSET)
    windows.close()
    label = windows.open(OFFSET - DAY)
    assert (label.start, label.clock) == (NOON + LENGTH, "unset")
    assert windows.timeline.held_since == BOOT + LENGTH


def test_when_the_clock_comes_back_windows_held_back_get_the_times_that_they_had():
    windows = Windows()
    windows.open(OFFSET)
    windows.close()
    windows.open(OFFSET - DAY)
    windows.close()
    label = windows.open(OFFSET)
    assert (label.relabel, label.start, label.clock) == (OFFSET, NOON + 2 * LENGTH, "set")


def test_a_board_without_a_battery_gets_the_right_times_once_its_clock_is_set():
    windows = Windows(newest=NOON, opened=5 * NS)
    first = windows.open(7 * NS)  # 12 s after the beginning of 1970
    assert (first.clock, first.start) == ("unset", NOON)
    windows.close()
    right = NOON + DAY - 125 * NS  # it is a day later, as the network says at monotonic second 125
    label = windows.open(right)
    assert (label.relabel, label.start, label.clock) == (right, NOON + DAY, "set")


def test_a_clock_before_2020_is_not_set_even_if_the_spool_is_new():
    assert Windows().open(-BOOT).clock == "unset"


def test_times_that_would_overlap_what_was_given_are_moved_on_together():
    windows = Windows(newest=NOON, opened=BOOT)
    windows.open(OFFSET - HOUR)
    windows.close()
    # The clock is set; by it the first window held back began 50 s before the newest time already given.
    label = windows.open(OFFSET - 50 * NS)
    assert (label.relabel, label.start, label.clock) == (OFFSET, NOON + LENGTH, "stepped")


def test_once_patience_has_ended_windows_go_on_unheld_and_still_do_not_overlap():
    windows = Windows()
    windows.open(OFFSET)
    windows.close()
    held = windows.open(OFFSET - DAY)
    windows.timeline.give_up(held.start)
    windows.close()
    label = windows.open(OFFSET - DAY)
    assert (label.start, label.clock) == (NOON + 2 * LENGTH, "unset")
    assert windows.timeline.held_since is None


def test_after_patience_has_ended_a_clock_that_is_set_counts_again():
    windows = Windows()
    windows.open(OFFSET)
    windows.close()
    windows.timeline.give_up(windows.open(OFFSET - DAY).start)
    windows.close()
    label = windows.open(OFFSET + HOUR)
    assert (label.start, label.clock, label.relabel) == (NOON + 2 * LENGTH + HOUR, "set", None)


@pytest.mark.parametrize("offset", [OFFSET - DAY, OFFSET - 59 * NS, OFFSET, OFFSET + DAY])
def test_a_daemon_that_comes_back_never_starts_before_what_the_spool_has_seen(offset: int):
    assert Timeline(NOON + 30 * NS).label(BOOT, offset, LENGTH).start >= NOON + 30 * NS


def test_a_window_that_nobody_goes_on_with_keeps_its_times_though_the_clock_went_back():
    timeline = Timeline(NOON, OFFSET)
    timeline.leave(BOOT + LENGTH)
    # Half a minute into that window another one opens, by a clock that was set back by ten seconds.
    label = timeline.label(BOOT + 30 * NS, OFFSET - 10 * NS, LENGTH)
    assert (label.start, label.clock) == (NOON + 30 * NS, "stepped")


def test_windows_held_back_under_an_offset_that_lies_before_what_was_given_have_their_lengths_all_the_same():
    timeline = Timeline(
        NOON, NOON - 86_400 * NS
    )  # as a daemon goes on that began without what the spool holds
    first, second = (timeline.label(opened, NOON - 86_400 * NS, 120 * NS) for opened in (0, 120 * NS))
    assert (first.clock, first.start) == ("unset", NOON)
    assert (second.clock, second.start) == ("unset", NOON + 120 * NS)
    assert first.offset == second.offset == NOON


def test_the_machine_s_clock_sleeps_until_an_instant_and_a_stop_ends_it():
    stop = Event()
    clock = Clock(stop)
    instant = clock.monotonic() + NS // 50
    clock.sleep_until(instant)
    assert clock.monotonic() >= instant
    stop.set()
    clock.sleep_until(clock.monotonic() + DAY)


def test_a_fast_clock_runs_so_much_faster_and_its_offset_stays():
    clock = FastClock(Event(), 1000.0)
    before = clock.monotonic()
    clock.sleep_until(before + NS)
    assert clock.monotonic() - before >= NS
    assert clock.offset() == clock.offset()
