"""The oracle says nothing where all holds, and names what does not: each promise broken by hand.

A code is a hundredth of a degree, a window ten seconds, a reading a second, the journal's period three.
"""

from dataclasses import replace

from sampler.device.spool.ledger import Range
from sampler.device.spool.rows import Stretch
from simulation.diary import ENDED, NO_VALUE, NS, Device
from simulation.oracle import overdue
from tests.simulation.truths import (
    BOOT,
    NOON,
    OFFSET,
    SETTINGS,
    Case,
    entry,
    life,
    open_window,
    stored,
)

FIRST = (10.01, 10.1, 10.06)
"""Codes 1001 to 1010: their mean, 1005.5, goes to the even hundredth."""
SECOND = (10.11, 10.2, 10.16)
THIRD = (10.21, 10.3, 10.26)
"""1025.5: to 1026, which is even."""


def honest() -> Case:
    """Two windows delivered, five readings of the third journalled at an orderly stop."""
    return Case(
        [life(range(1001, 1026))],
        [stored(1, 0, FIRST), stored(2, 10, SECOND)],
        window=open_window(20, range(1021, 1026)),
    )


def three() -> Case:
    """Three windows delivered, a fourth just open."""
    rows = [stored(1, 0, FIRST), stored(2, 10, SECOND), stored(3, 20, THIRD)]
    return Case([life(range(1001, 1032))], rows, window=open_window(30, [1031]))


# All holds.


def test_nothing_is_wrong_with_what_is_right():
    assert honest().violations() == []
    assert three().violations() == []


def test_a_device_that_has_never_run_has_nothing_to_answer_for():
    assert Case([]).violations() == []


def test_a_measurement_may_wait_be_held_or_be_at_both_ends():
    case = honest()
    case.entries = [entry(case.rows[1])]
    assert case.violations() == []
    case.rows.pop()
    assert case.violations() == []


def test_a_measurement_may_be_set_aside_once_it_was_refused_alone():
    case = honest()
    case.entries = [entry(case.rows.pop(), "set_aside")]
    case.backend.refusals.append((400, ("cafe0001-2",)))
    assert case.violations() == []


def test_what_is_dropped_by_name_is_accounted_for():
    case = three()
    del case.rows[0]
    case.dropped = [Range(1, 1, "dropped", "by the operator")]
    assert case.violations() == []


def test_a_restore_takes_away_what_had_reached_the_backend():
    case = three()
    gone = case.rows.pop(1)
    case.backend.restored[gone.key] = gone
    assert case.violations() == []


def test_what_a_restore_took_away_is_judged_like_what_is_there():
    case = three()
    gone = case.rows.pop(1)
    case.backend.restored[gone.key] = gone._replace(max=gone.max + 1)
    assert [told[:6] for told in case.violations()] == ["(b) 2:"]


def test_what_comes_again_after_a_restore_is_what_it_was():
    case = three()
    case.backend.restored[case.rows[1].key] = case.rows[1]._replace(min=-49.0)
    assert [told[:6] for told in case.violations()] == ["(a) 2:"]


def test_a_backend_that_is_sent_no_quality_is_judged_by_the_numbers():
    case = three()
    case.rows = [row._replace(quality=None) for row in case.rows]
    assert case.violations() == []


def test_bad_readings_and_no_value_are_counted_and_in_no_number():
    given = [1001, NO_VALUE, 4096, -1, "blank", *range(1006, 1013)]
    row = stored(
        1, 0, (10.01, 10.1, 10.07), missed={NO_VALUE: 1}, bad={"out_of_range": 2, "blank": 1}
    )  # (1001 + 5 * 1008) / 6 = 1006.8
    assert Case([life(given)], [row], window=open_window(10, [1011, 1012])).violations() == []


def test_a_window_without_a_good_reading_is_a_stretch_and_has_no_number():
    stretch = Stretch(NOON, NOON + 10 * NS, 1, 10, {}, {"blank": 10})
    case = Case([life(["blank"] * 10 + [1011])], stretches=[stretch], window=open_window(10, [1011]))
    assert case.violations() == []
    case.stretches = []
    assert case.violations() == ["(a): 1 windows had no reading, not 0"]


def test_late_ticks_are_told_of():
    one = life(range(1001, 1011))
    one.asked = [asked + (3 * NS if asked >= BOOT + 4 * NS else 0) for asked in one.asked]
    one.ended = one.asked[-1]
    row = stored(1, 0, (10.01, 10.07, 10.04), missed={"late": 3})
    case = Case([one], [row], window=open_window(10, [1008, 1009, 1010]))
    assert case.violations() == []
    case.rows[0] = stored(1, 0, (10.01, 10.07, 10.04), missed={"away": 3})
    assert case.broken() == ["(d) 1"]


# Crashes.


def crashed(taken: int) -> Case:
    """Killed in the third window after five of its readings, back at 28 s; so many of the five were journalled."""
    lives = [life(range(1001, 1026), ended_s=24.5, how="killed"), life([1101, 1102, 1103], began_s=28)]
    codes = [*range(1021, 1021 + taken), 1101, 1102]
    low, high = min(codes) / 100, max(codes) / 100
    average = round(sum(codes) / len(codes)) / 100
    row = stored(3, 20, (low, high, average), missed={"away": 8 - taken})
    rows = [stored(1, 0, FIRST), stored(2, 10, SECOND), row]
    return Case(lives, rows, window=open_window(30, [1103]))


def test_a_daemon_that_comes_back_inside_its_window_goes_on_with_what_was_journalled():
    # (1021 + … + 1024 + 1101 + 1102) / 6 = 1048.8, and (1021 + 1101 + 1102) / 3 = 1074.7
    assert crashed(4).violations() == []
    assert crashed(1).violations() == []


def test_a_crash_that_takes_more_than_the_journal_s_period_is_named():
    assert crashed(0).broken() == ["(f) 3"]


def test_what_the_disk_refused_before_a_crash_is_excused():
    case = crashed(0)
    case.lives[0].trouble.append((BOOT + 19 * NS, BOOT + 24 * NS))
    assert case.violations() == []


def test_a_window_that_a_power_cut_ended_is_cut_where_the_journal_ends():
    codes = list(range(1001, 1018))
    second = life(
        [1101], began_s=-80, boot_id="boot-2", wall=[(20 * NS, NOON + 60 * NS - 20 * NS)], ended_s=-79.5
    )
    lives = [life(codes, ended_s=16.5, how="power"), second]
    cut = stored(2, 10, (10.11, 10.15, 10.13), length_s=5, due=5)  # 1016 and 1017 are lost
    opened = open_window(-80, [1101], boot_id="boot-2")
    case = Case(lives, [stored(1, 0, FIRST), cut], window=opened)
    assert case.violations() == []
    case.rows[1] = stored(2, 10, (10.11, 10.12, 10.12), length_s=2, due=2)
    assert case.broken() == ["(f) 2"]


def test_an_orderly_stop_loses_nothing():
    case = honest()
    case.window = open_window(20, range(1021, 1025))
    assert case.broken() == ["(f)"]
    case.window = None
    assert case.broken() == ["(f)"]


def test_the_end_of_a_source_closes_the_window_as_it_stands():
    cut = stored(1, 0, (10.01, 10.04, 10.02), length_s=4, due=4)
    assert Case([life([1001, 1002, 1003, 1004, ENDED])], [cut]).violations() == []


def test_a_window_left_behind_by_another_calibration_ends_where_the_next_begins():
    other = replace(SETTINGS, max_c=81.9)
    lives = [life(range(1001, 1005)), life([1101] * 11, began_s=6, settings=other)]
    rows = [
        stored(1, 0, (10.01, 10.04, 10.02), length_s=6, due=6, missed={"away": 2}),
        stored(2, 6, (22.02, 22.02, 22.02)),
    ]
    case = Case(lives, rows, window=open_window(16, [1101]))
    assert case.violations() == []
    case.lives[1].settings = SETTINGS
    assert "(d)" in case.broken(), "nothing excuses a daemon that does not go on with its window"


# (a) Exactly once, or named.


def test_a_window_that_has_no_number_is_named():
    case = three()
    case.rows = [case.rows[0], stored(2, 20, THIRD)]
    assert case.broken() == ["(a)"]
    assert "opened at 110000000000 ns" in case.violations()[0]


def test_a_measurement_that_is_stored_twice_is_named():
    case = three()
    case.rows.append(case.rows[1])
    assert case.broken() == ["(a) 2"]


def test_a_measurement_that_is_delivered_and_not_at_the_backend_is_named():
    case = three()
    del case.rows[1]
    assert case.violations() == ["(a) 2: is delivered, it says, but the backend has it not"]


def test_a_number_that_nobody_knows_of_is_named():
    case = three()
    del case.rows[1]
    case.account = lambda account: replace(account, delivered=2, missing=[(2, 2)])
    assert case.broken() == ["(a)", "(a)", "(a) 2"]  # two sums do not come out


def test_two_ends_that_differ_are_named():
    case = three()
    case.entries = [entry(case.rows[1]._replace(end=case.rows[1].end - 1_000_000))]
    assert case.broken() == ["(a) 2"]


def test_what_is_set_aside_was_refused():
    case = three()
    case.entries = [entry(case.rows.pop(), "set_aside")]
    case.backend.refusals.append((400, ("cafe0001-2", "cafe0001-3")))
    assert case.violations() == ["(a) 3: is set aside, and no backend has refused it"]


def test_a_reason_that_cannot_be_is_no_name():
    for reason in (
        "lost with a damaged page",
        "the spool was full",
        "memory was full while the disk was away, 12",
    ):
        case = three()
        del case.rows[0]
        case.dropped = [Range(1, 1, "dropped", reason)]
        assert case.broken() == ["(a) 1"], reason


def test_what_memory_lost_may_have_had_no_reading():
    stretch = Stretch(NOON, NOON + 10 * NS, 1, 10, {}, {"blank": 10})
    lives = [life([*["blank"] * 20, *range(1021, 1032)], trouble=[(BOOT, BOOT + 30 * NS)])]
    case = Case(lives, [stored(2, 20, THIRD)], stretches=[stretch], window=open_window(30, [1031]))
    case.dropped = [Range(1, 1, "dropped", "memory was full while the disk was away, 12:00:10 to 12:00:20")]
    assert case.violations() == []


def test_numbers_go_on_under_a_new_identity_only_if_the_spool_was_torn():
    case = three()
    case.rows[2] = stored(3, 20, THIRD, spool="cafe0002")
    case.spool = "cafe0002"
    assert case.broken() == ["(c)"]
    case.lives[0].rot.append(BOOT + 15 * NS)
    assert case.violations() == []


def test_a_window_whose_number_was_damaged_at_once_got_the_next_one():
    case = three()
    case.rows[1:] = [stored(3, 10, SECOND), stored(4, 20, THIRD)]
    case.dropped = [Range(2, 2, "dropped", "lost with a damaged page")]
    case.lives[0].rot.append(BOOT + 19 * NS)
    assert case.violations() == []
    case.rows.pop(1)
    case.dropped = [Range(2, 3, "dropped", "lost with a damaged page")]
    assert case.violations() == [], "or was lost with it"


def test_what_rot_in_the_log_takes_back_may_come_again_under_another_identity():
    lives = [life(range(1001, 1022), how="killed", rot=[BOOT + 22 * NS]), life([1101, 1102], began_s=30)]
    again = stored(2, 10, (10.11, 10.14, 10.12), missed={"away": 6}, spool="cafe0002")  # 1012.5
    case = Case(lives, [stored(1, 0, FIRST), stored(2, 10, SECOND), again], spool="cafe0002")
    case.window = open_window(30, [1101, 1102])
    assert case.violations() == []
    lives[0].rot.clear()
    assert "(e) 2" in case.broken()


# (b) The numbers.


def test_each_number_is_right_to_the_last_digit():
    for name in ("min", "max", "average"):
        case = three()
        wrong = round(getattr(case.rows[1], name) + 0.01, 2)
        case.rows[1] = case.rows[1]._replace(**{name: wrong})
        assert case.broken() == ["(b) 2"], name
        assert str(wrong) in case.violations()[0]


def test_a_mean_is_rounded_once_and_ties_go_to_the_even_digit():
    for low, average in ((1000, 10.0), (1001, 10.02), (1002, 10.02), (1003, 10.04)):
        numbers = (low / 100, (low + 1) / 100, average)  # the mean of two codes that follow each other
        given = [low, low + 1] * 5 + [1500]
        case = Case([life(given)], [stored(1, 0, numbers)], window=open_window(10, [1500]))
        assert case.violations() == [], low


# (c) Nothing is invented.


def test_a_number_without_a_window_is_named():
    case = three()
    case.rows[2:] = [stored(3, 15, (9.0, 9.0, 9.0), length_s=5), stored(4, 20, THIRD)]
    assert case.broken()[0] == "(c) 3"


def test_a_reading_is_used_once():
    case = three()
    case.rows[1] = stored(2, 10, FIRST)
    assert set(case.broken()) == {"(b) 2"}


def test_counts_of_bad_readings_are_the_sensor_s():
    row = stored(1, 0, (10.0, 10.0, 10.0), bad={"blank": 1})
    case = Case([life([1000] * 9 + ["blank", 1500])], [row], window=open_window(10, [1500]))
    assert case.violations() == []
    case.rows[0] = stored(1, 0, (10.0, 10.0, 10.0), bad={"failed": 1})
    assert case.broken() == ["(c) 1"]
    case.rows[0] = stored(1, 0, (10.0, 10.0, 10.0), missed={"no_value": 1})
    assert case.broken() == ["(c) 1", "(c) 1"]


def test_a_key_beyond_all_numbers_is_named():
    case = three()
    case.produced = 2
    assert case.broken() == ["(c) 3", "(a)"]


def test_a_key_that_is_none_is_named():
    case = three()
    case.rows.append(case.rows[0]._replace(key="what"))
    assert case.violations() == ["(c): the backend has 'what', which is no key"]


# (d) Due = taken + missed + bad.


def test_what_was_due_is_what_the_window_had_room_for():
    case = three()
    case.rows[1] = stored(2, 10, SECOND, due=11, taken=10)
    assert case.broken() == ["(d) 2"]
    case.rows[1] = stored(2, 10, SECOND, due=10, taken=10, missed={"late": 1})
    assert case.broken() == ["(d) 2"]


def test_a_missed_reading_that_is_made_up_for_is_named():
    case = honest()
    case.lives[0].windows = {
        BOOT + 10 * NS * number: (BOOT + 10 * NS * (number + 1), 0) for number in range(3)
    }
    assert case.violations() == []
    case.lives[0].asked[13] = case.lives[0].asked[
        14
    ]  # late, and so is the one after it: both are made at once
    assert case.violations() == [
        "(d): life 0 asked twice within a period, in the window that opened at 110000000000 ns"
    ]


# (e) Labels.


def test_labels_that_overlap_are_named():
    case = three()
    case.rows[1] = stored(2, 9.9, SECOND)
    assert "(e) 2" in case.broken()
    assert any("before cafe0001-1 ends" in text for text in case.violations())


def test_labels_touch_while_the_clock_stands_firm():
    case = three()
    case.rows[1] = stored(2, 10.05, SECOND, length_s=9.95)
    assert case.broken() == ["(e) 2"]


def test_a_daemon_that_could_not_read_the_spool_begins_by_its_own_clock():
    drifted = [(BOOT + 20 * NS, OFFSET + 4 * NS // 1000)]
    lives = [life(range(1001, 1021)), life(range(1021, 1032), began_s=20, wall=drifted)]
    case = replace(three(), lives=lives)
    case.rows[2] = stored(3, 20.004, THIRD, length_s=9.996)
    assert case.broken() == ["(e) 3"]
    lives[0].rot.append(BOOT + 20 * NS)
    assert case.violations() == []


def test_a_label_is_the_device_s_own_time():
    case = three()
    case.rows = [row._replace(start=row.start + 3600 * NS, end=row.end + 3600 * NS) for row in case.rows]
    assert case.broken() == ["(e) 1", "(e) 2", "(e) 3"]


def test_after_a_step_forward_a_gap_shows():
    case = three()
    case.lives[0].wall.append((BOOT + 15 * NS, OFFSET + 60 * NS))
    case.rows[1] = stored(2, 10, SECOND, clock="stepped")
    case.rows[2] = stored(3, 80, THIRD)
    assert case.violations() == []
    case.rows[1] = stored(2, 10, SECOND)
    assert case.broken() == ["(e) 2"], "its last readings are not inside it"


def test_after_a_small_step_back_a_label_is_shorter_than_its_window():
    case = three()
    case.lives[0].wall.append((BOOT + 15 * NS, OFFSET - 4 * NS))
    case.rows[1] = stored(2, 10, SECOND, clock="stepped")
    case.rows[2] = stored(3, 20, THIRD, length_s=6, clock="stepped")
    assert case.violations() == []
    case.rows[2] = stored(3, 20, THIRD, length_s=6)
    assert case.broken() == ["(e) 3"]


def test_after_a_large_step_back_labels_go_on_and_say_so():
    case = three()
    case.lives[0].wall.append((BOOT + 15 * NS, OFFSET - 3600 * NS))
    case.rows[1] = stored(2, 10, SECOND, clock="stepped")
    case.rows[2] = stored(3, 20, THIRD, clock="unset")
    assert case.violations() == []
    case.rows[2] = stored(3, 20, THIRD)
    assert case.broken() == ["(e) 3"]


def test_a_clock_that_stands_firm_is_not_blamed():
    for clock in ("stepped", "unset"):
        case = three()
        case.rows[1] = stored(2, 10, SECOND, clock=clock)
        assert case.broken() == ["(e) 2"], clock


def test_windows_held_back_get_the_right_times_once_the_clock_is_set():
    case = three()
    case.lives[0].wall = [(BOOT, -BOOT), (BOOT + 25 * NS, OFFSET)]  # it boots in 1970
    assert case.violations() == []


def test_windows_end_on_the_grid_of_utc_the_first_one_short():
    settings = replace(SETTINGS, align="utc")
    one = life(range(1001, 1016), began_s=4, settings=settings)
    rows = [stored(1, 4, (10.01, 10.06, 10.04), length_s=6, due=6)]  # 1003.5, to the even 1004
    case = Case([one], rows, window=open_window(10, range(1007, 1016)))
    assert case.violations() == []
    case.rows = [stored(1, 4, (10.01, 10.06, 10.04), length_s=5.5, due=6)]
    assert case.broken() == ["(e) 1", "(e) 1"], "its length, and its end"


# (g), and the oracle itself.


def test_what_waits_although_all_is_calm_is_named():
    case = three()
    case.entries = [entry(case.rows.pop()), entry(case.rows.pop(), "set_aside")]
    assert [str(one) for one in overdue(Device("hill"), case.product())] == [
        "hill, measurement 3 (g): is still waiting, cafe0001-3"
    ]


def test_a_product_that_talks_nonsense_does_not_silence_its_judge():
    case = three()
    case.rows[1] = case.rows[1]._replace(quality={"colour": "blue"})
    assert case.broken() == ["(oracle)"]
