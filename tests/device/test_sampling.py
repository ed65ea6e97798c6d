"""The sampling flow in simulated time: what a sensor gives, when, and what comes of it."""

import logging
import os
from collections.abc import Iterable
from itertools import cycle, islice, pairwise, repeat
from pathlib import Path
from threading import Event

import pytest

from sampler.device.adc import Adc
from sampler.device.clock import NS, Timeline
from sampler.device.handoff import Handoff, Journal, Release, Turn
from sampler.device.notify import Notifier
from sampler.device.sampling import Plan, Sampling
from sampler.device.sensor import BadReading, NoValue
from sampler.device.window import Window
from tests.device.codes import Outcome, sensor
from tests.device.fake_clock import NOON, FakeClock

PERIOD = NS // 10


def plan(length_s: float = 1.0, align: str = "start", wait_s: float = 600.0, stuck_s: float = 600.0) -> Plan:
    return Plan(
        adc=Adc(),
        length=round(length_s * NS),
        period=PERIOD,
        journal=10 * NS,
        wait=round(wait_s * NS),
        stuck=round(stuck_s * NS),
        align=align,
    )


DEFAULT = plan()


class Run:
    """A sampling flow that runs through all its outcomes in simulated time."""

    def __init__(
        self,
        outcomes: Iterable[Outcome],
        scheme: Plan = DEFAULT,
        *,
        clock: FakeClock | None = None,
        newest: int = 0,
        window: Window | None = None,
        timeline: Timeline | None = None,
    ) -> None:
        self.clock = clock or FakeClock()
        self.read_at: list[int] = []
        self.handoff = Handoff(limit=100_000)
        self.sampling = Sampling(
            plan=scheme,
            sensor=sensor(outcomes, lambda: self.read_at.append(self.clock.monotonic())),
            clock=self.clock,
            timeline=timeline or Timeline(newest),
            handoff=self.handoff,
            notifier=Notifier(),
            window=window,
        )

    def to_the_end(self) -> "Run":
        self.sampling.run(Event())
        self.handoff.close()
        self.events = []
        while event := self.handoff.next():
            self.events.append(event)
            self.handoff.done()
        self.turns = [event for event in self.events if isinstance(event, Turn)]
        self.closed = [turn.closed for turn in self.turns]
        return self


def test_windows_of_twelve_hundred_readings_follow_each_other_without_gap_or_overlap():
    run = Run(repeat(3000, 3600), plan(120)).to_the_end()
    assert [window.taken for window in run.closed] == [1200, 1200, 1200]
    assert [window.start for window in run.closed] == [NOON, NOON + 120 * NS, NOON + 240 * NS]
    assert [window.end for window in run.closed] == [NOON + 120 * NS, NOON + 240 * NS, NOON + 360 * NS]
    assert all(window.quality().whole for window in run.closed)


def test_readings_come_on_absolute_deadlines_however_late_each_is():
    clock = FakeClock()
    start = clock.monotonic()
    clock.late = lambda instant: 7_000_000
    run = Run(repeat(1, 10), clock=clock).to_the_end()
    assert run.read_at[1:10] == [start + 7_000_000 + n * PERIOD for n in range(1, 10)]


def test_a_late_tick_is_missed_and_never_made_up_for_with_a_burst():
    clock = FakeClock()
    start = clock.monotonic()
    # The fourth tick comes 350 ms late: three more were due meanwhile.
    clock.late = lambda instant: 350_000_000 if instant == start + 3 * PERIOD else 0
    run = Run(repeat(1, 7), clock=clock).to_the_end()
    assert run.closed[0].quality().as_json()["missed"] == {"late": 3}
    assert run.read_at[:5] == [
        start + n for n in (0, PERIOD, 2 * PERIOD, 3 * PERIOD + 350_000_000, 7 * PERIOD)
    ]


def test_a_flow_that_stood_still_for_windows_accounts_for_each_of_them():
    clock = FakeClock()
    start = clock.monotonic()
    clock.late = lambda instant: round(3.25 * NS) if instant == start + 5 * PERIOD else 0
    run = Run(repeat(1, 15), clock=clock).to_the_end()
    accounts = [(window.taken, window.missed) for window in run.closed[:4]]
    assert accounts == [(5, {"late": 5}), (0, {"late": 10}), (0, {"late": 10}), (3, {"late": 7})]
    assert [window.start - NOON for window in run.closed[:4]] == [0, NS, 2 * NS, 3 * NS]


def test_bad_readings_are_counted_by_kind_and_touch_no_statistic():
    outcomes: list[Outcome] = [5, BadReading("blank", "blank line"), 7, NoValue("nothing new"), *repeat(6, 6)]
    (window,) = Run(outcomes).to_the_end().closed
    assert (window.lowest, window.highest, window.total, window.taken) == (5, 7, 48, 8)
    assert (window.bad, window.missed, window.due) == ({"blank": 1}, {"no_value": 1}, 10)


def test_bad_readings_are_told_when_they_begin_and_when_they_are_over_not_one_by_one(caplog):
    caplog.set_level(logging.INFO)
    bad = BadReading("unreadable", "temperature.txt: 'x' is no integer")
    Run([1, *repeat(bad, 50), *repeat(1, 150)]).to_the_end()
    told = [record.message for record in caplog.records]
    assert told[:2] == [
        "bad reading: temperature.txt: 'x' is no integer",
        "readings are good again: 50 unreadable in 5 s",
    ]


def test_the_open_window_is_journalled_every_ten_seconds_and_at_the_end():
    stop, counts = Event(), []
    run = Run(repeat(1), plan(120))
    put = run.handoff.put
    run.handoff.put = lambda event: (counts.append(event.window.due), put(event))  # type: ignore[method-assign]
    for _ in range(250):
        run.clock.sleep_until(run.sampling.window.deadline)
        run.sampling.tick()
    stop.set()
    run.sampling.run(stop)
    assert counts == [101, 201, 250]


def test_at_the_source_s_end_the_window_closes_as_it_stands():
    (whole, short) = Run(repeat(1, 14)).to_the_end().closed
    assert (whole.taken, short.taken, short.closes - short.opened) == (10, 4, 4 * PERIOD)


def test_a_window_goes_on_after_a_restart_with_its_gap_counted():
    first = Run(repeat(5, 4))
    for _ in range(4):
        first.clock.sleep_until(first.sampling.window.deadline)
        first.sampling.tick()
    left = first.sampling.window.snapshot()
    first.clock.pass_by(0.25)  # the readings at 0.4 and 0.5 s are missed
    timeline = Timeline(0, left.offset)
    second = Run(repeat(9, 4), clock=first.clock, window=left, timeline=timeline).to_the_end()
    assert (second.closed[0].taken, second.closed[0].missed) == (8, {"away": 2})
    assert (second.closed[0].lowest, second.closed[0].highest) == (5, 9)


def test_a_clock_that_was_moved_while_the_daemon_was_away_marks_the_window_that_goes_on():
    first = Run(repeat(5, 4))
    left = first.sampling.window.snapshot()
    first.clock.step(5)
    second = Run(
        repeat(9, 10), clock=first.clock, window=left, timeline=Timeline(0, left.offset)
    ).to_the_end()
    assert [window.clock for window in second.closed] == ["stepped"]
    assert second.closed[0].start == NOON


def test_on_the_grid_of_utc_the_first_window_is_short_and_says_so(caplog):
    caplog.set_level(logging.INFO)
    clock = FakeClock(wall=NOON + 50 * NS + 30_000_000)
    run = Run(repeat(1, 1899), plan(120, align="utc"), clock=clock).to_the_end()
    assert [window.end - NOON for window in run.closed] == [120 * NS, 240 * NS]
    assert [window.taken for window in run.closed] == [699, 1200]
    assert "the first window is short: 70.0 s" in caplog.text
    # No reading comes sooner than a period after the one before.
    assert min(b - a for a, b in pairwise(run.read_at)) == PERIOD


def step_at(run: Run, tick: int, seconds: float) -> None:
    clock, instant = run.clock, run.sampling.window.opened + tick * PERIOD
    clock.late = lambda due: (clock.step(seconds), 0)[1] if due == instant else 0


@pytest.mark.parametrize("seconds", [3600, -86_400, -0.3])
def test_a_step_of_the_clock_in_mid_window_loses_repeats_and_overlaps_nothing(seconds: float):
    run = Run(repeat(1, 100))
    step_at(run, 25, seconds)
    run.to_the_end()
    assert [window.taken for window in run.closed] == [10] * 10
    labels = [(window.start, window.end) for window in run.closed]
    assert all(end <= start for (_, end), (start, _) in pairwise(labels))
    assert [window.clock for window in run.closed[:3]] == ["set", "set", "stepped"]


def test_after_a_step_forward_only_the_labels_move():
    run = Run(repeat(1, 100))
    step_at(run, 25, 3600)
    run.to_the_end()
    starts = [(window.start - NOON) // NS for window in run.closed]
    assert starts == [0, 1, 2, 3603, 3604, 3605, 3606, 3607, 3608, 3609]
    assert not any(turn.hold for turn in run.turns)


def test_windows_held_back_for_an_unset_clock_are_relabelled_when_it_is_set():
    clock = FakeClock(monotonic=5 * NS, wall=7 * NS)  # a board without a battery, in 1970
    run = Run(repeat(1, 40), clock=clock, newest=NOON)
    step_at(run, 25, (NOON + 86_400 * NS - 7 * NS) / NS)
    run.to_the_end()
    assert [turn.hold for turn in run.turns] == [True, True, True, False]
    assert [turn.relabel for turn in run.turns][:2] == [None, None]
    relabel = run.turns[2].relabel
    assert relabel is not None
    assert run.closed[0].opened + relabel == NOON + 86_400 * NS
    assert run.closed[3].start == NOON + 86_400 * NS + 3 * NS


def test_windows_held_back_go_as_they_are_when_patience_ends():
    clock = FakeClock(monotonic=5 * NS, wall=7 * NS)
    run = Run(repeat(1, 60), plan(wait_s=3.0), clock=clock, newest=NOON).to_the_end()
    kinds = [type(event).__name__ for event in run.events if not isinstance(event, Journal)]
    assert kinds[:4] == ["Turn", "Turn", "Turn", "Release"]
    assert [turn.hold for turn in run.turns] == [True, True, True, False, False, False]
    assert [(window.start - NOON) // NS for window in run.closed] == [0, 1, 2, 3, 4, 5]
    assert {window.clock for window in run.closed} == {"unset"}
    assert sum(isinstance(event, Release) for event in run.events) == 1


@pytest.mark.parametrize(
    ("code", "suspected"),
    [
        (0, "open or short: code 0 for 10 s"),
        (4095, "open or short: code 4095 for 10 s"),
        (700, "stuck: code 700 for 60 s"),
    ],
)
def test_a_code_that_stands_is_suspected_once_and_once_it_is_over(caplog, code: int, suspected: str):
    caplog.set_level(logging.INFO)
    Run([*repeat(code, 1000), 7, *repeat(8, 5)], plan(120, stuck_s=60)).to_the_end()
    told = [record.message for record in caplog.records if "sensor" in record.message]
    assert told == [f"the sensor may be {suspected}", f"the sensor moves again: code {code} stood for 100 s"]


def test_the_published_recording_gives_the_published_windows():
    """A recording that users have: 767 codes, of which the project holds no copy. REFERENCE_CODES names it."""
    if not (name := os.environ.get("REFERENCE_CODES")):
        pytest.skip("REFERENCE_CODES does not name the published recording of 767 codes")
    codes = [int(line) for line in Path(name).read_text().splitlines()]
    run = Run(islice(cycle(codes), 4800), plan(120)).to_the_end()
    given = [one for window in run.closed if (one := window.close())]
    assert [(one.min, one.max, one.average) for one in given] == [
        (-49.83, 49.85, 0.17),
        (-49.83, 49.85, -0.38),
        (-49.83, 49.85, -0.09),
        (-49.83, 49.85, -0.25),
    ]
