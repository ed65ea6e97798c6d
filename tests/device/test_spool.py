"""What the spool does while nothing is wrong with its file; test_salvage.py and test_spool_faults.py do the rest."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import apsw
import pytest

from sampler.device.spool import Range, Spool, SpoolMisplaced, SpoolUnavailable
from sampler.device.window import Window
from sampler.measurement import from_nanoseconds, iso
from tests.device.spools import BOOT, EPOCH, LENGTH, NOW, NS, contents, dropped, fill, window


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "spool.db"


@pytest.fixture
def spool(path):
    spool = Spool(path, 1_000)
    yield spool
    spool.close()


def sequences(spool: Spool, limit: int = 10, without: tuple[int, ...] = ()) -> list[int]:
    return [kept.sequence for kept in spool.newest_waiting(limit, without)]


# Identity and order.


def test_a_new_spool_is_empty_and_has_an_identity_of_its_own(path, spool, tmp_path):
    first = spool.resume()
    other = Spool(tmp_path / "other.db", 1_000)
    assert (first.sequence, first.window, first.newest, first.held_since) == (0, None, 0, {})
    assert len(bytes.fromhex(first.spool_id)) == 4
    assert other.resume().spool_id != first.spool_id
    other.close()


def test_nothing_is_touched_before_the_first_use(path, spool):
    assert not path.parent.exists()


def test_a_window_that_closes_becomes_a_measurement_with_the_next_number(spool):
    kept = spool.turn(window(0), window(1, taken=0))
    # 600 readings of 2048, 600 of 0: -50 + 100 * 1024 / 4095 = -24.99
    assert (kept.measurement.min, kept.measurement.max, kept.measurement.average) == (-50.0, 0.01, -24.99)
    assert (iso(kept.measurement.start), iso(kept.measurement.end)) == (
        "2021-04-12T20:20:20.000Z",
        "2021-04-12T20:22:20.000Z",
    )
    assert kept.key == f"{spool.resume().spool_id}-1"
    assert spool.turn(window(1), window(2, taken=0)).sequence == 2


def test_what_comes_back_is_what_was_kept(path, spool):
    kept = [spool.turn(window(number), window(number + 1, taken=0)) for number in range(3)]
    spool.close()
    again = Spool(path, 1_000)
    assert again.newest_waiting() == kept
    again.close()


def test_the_last_ten_come_first_and_the_older_ones_after_them(spool):
    fill(spool, 0, 24)
    assert sequences(spool) == list(range(16, 26))
    spool.delivered(range(16, 26), NOW)
    assert sequences(spool) == list(range(6, 16))


def test_measurements_that_are_on_their_way_are_left_out(spool):
    fill(spool, 0, 14)
    assert sequences(spool, 3, without=(15, 13)) == [11, 12, 14]


def test_the_newest_are_the_newest_by_time_whatever_their_numbers(spool):
    spool.turn(window(50), window(51, taken=0))
    spool.add([window(3), window(1), window(60)])
    assert [kept.measurement.start for kept in spool.newest_waiting(3)] == sorted(
        window(number).close().start for number in (3, 50, 60)
    )


# The open window.


def test_the_open_window_is_found_again_as_it_was_journalled(path, spool):
    open_window = window(0, taken=517)
    open_window.spoil("blank")
    open_window.miss(3, "late")
    spool.journal(open_window)
    spool.close()
    assert spool.resume().window == open_window


def test_a_window_that_turns_is_followed_by_the_one_that_opened(spool):
    spool.turn(window(0), window(1, taken=4))
    assert spool.resume().window == window(1, taken=4)


def test_the_last_window_of_all_has_no_successor(spool):
    spool.journal(window(0))
    assert spool.turn(window(0), None).sequence == 1
    assert spool.resume().window is None


def test_a_window_left_behind_in_this_boot_is_closed_as_it_stood(spool):
    spool.journal(window(0, taken=100))
    spool.journal(window(5, taken=1))
    left = contents(spool)[1]
    assert iso(left.measurement.end) == "2021-04-12T20:22:20.000Z"
    assert (left.quality.taken, left.quality.missed) == (100, {"away": 1100})
    assert spool.resume().window == window(5, taken=1)


def test_a_window_left_behind_in_another_boot_ends_where_it_was_journalled_last(spool):
    spool.journal(window(0, taken=100, boot="boot-0"))
    spool.journal(window(5))
    left = contents(spool)[1]
    assert (left.quality.due, left.quality.taken) == (100, 100)
    assert iso(left.measurement.end) == "2021-04-12T20:20:30.000Z"  # 100 readings are 10 s


def test_a_window_left_behind_comes_before_the_one_that_closes_after_it(spool):
    spool.journal(window(0, taken=100))
    assert spool.turn(window(5), window(6, taken=0)).sequence == 2
    assert spool.verify().balanced


def test_a_turn_that_had_been_done_after_all_is_not_done_twice(spool):
    first = spool.turn(window(0), window(1, taken=0))
    assert spool.turn(window(0), window(1, taken=0)) == first
    last = spool.turn(window(1), None)
    assert spool.turn(window(1), None) == last
    assert spool.status().sequence == 2


def test_the_newest_label_is_the_end_of_the_last_window(spool):
    spool.turn(window(0), window(1, taken=0))
    assert spool.resume().newest == EPOCH + LENGTH
    spool.turn(window(1, taken=0), window(2, taken=0))
    assert spool.resume().newest == EPOCH + 2 * LENGTH, "an empty window has its time, too"


# Windows without one good reading.


def empty(number: int, **missed: int) -> Window:
    one = window(number, taken=0)
    for reason, count in missed.items():
        one.miss(count, reason)
    one.spoil("blank")
    return one


def test_a_window_without_a_reading_has_no_number_and_is_accounted_for(spool):
    assert spool.turn(empty(0, late=1199), window(1, taken=0)) is None
    (stretch,) = spool.stretches()
    assert (stretch.start, stretch.end, stretch.windows) == (EPOCH, EPOCH + LENGTH, 1)
    assert (stretch.due, stretch.missed, stretch.bad) == (1200, {"late": 1199}, {"blank": 1})
    assert (spool.status().empty, spool.status().sequence) == (1, 0)


def test_empty_windows_on_end_are_one_stretch(spool):
    for number in (0, 1, 2, 7):
        spool.turn(empty(number, late=9 + number), window(number + 1, taken=0))
    stretches = spool.stretches()
    # Window 3 was open, and left behind by window 7: nobody made its readings.
    assert [stretch.windows for stretch in stretches] == [4, 1]
    assert stretches[0].missed == {"late": 9 + 10 + 11, "away": 1200}
    assert stretches[0].bad == {"blank": 3}


def test_only_the_newest_stretches_are_remembered_but_all_are_counted(path, spool):
    spool.add(window(2 * number, taken=0) for number in range(1_100))
    stretches = spool.stretches()
    assert len(stretches) == 1_000
    assert stretches[0].start == EPOCH + 200 * LENGTH
    assert spool.status().empty == 1_100


# A clock that is not set yet.


def held_spool(spool: Spool, count: int) -> None:
    for number in range(count):
        spool.turn(window(number, clock="unset"), window(number + 1, taken=0, clock="unset"), hold=True)


def test_held_measurements_are_not_sent_but_counted(spool):
    held_spool(spool, 2)
    assert spool.newest_waiting() == []
    status = spool.status()
    assert (status.waiting, status.held, status.newest) == (2, 2, 0)
    assert spool.verify().balanced


def test_a_daemon_that_starts_again_learns_since_when_windows_are_held(spool):
    held_spool(spool, 3)
    assert spool.resume().held_since == {BOOT: window(0).opened}


def test_the_right_time_comes_for_all_that_are_held_and_for_the_one_that_closes(spool):
    held_spool(spool, 2)
    year = 365 * 86_400 * NS
    kept = spool.turn(window(2, clock="unset"), window(3, taken=0), hold=True, relabel=EPOCH + year)
    assert [iso(kept.measurement.start) for kept in spool.newest_waiting()] == [
        "2022-04-12T20:20:20.000Z",
        "2022-04-12T20:22:20.000Z",
        "2022-04-12T20:24:20.000Z",
    ]
    assert kept == spool.newest_waiting(1)[0]
    assert {kept.quality.clock for kept in spool.newest_waiting()} == {"set"}
    assert spool.resume().newest == EPOCH + year + 3 * LENGTH
    assert spool.resume().held_since == {}


def test_held_measurements_touch_after_they_got_their_times(spool):
    held_spool(spool, 5)
    spool.turn(window(5, clock="unset"), window(6, taken=0), relabel=EPOCH + 12_345_678)
    waiting = spool.newest_waiting()
    assert all(before.measurement.end == after.measurement.start for before, after in pairwise(waiting))


# A daemon that began while the disk was away does not know which times have been given.


def test_a_window_that_was_labelled_far_before_times_already_given_is_moved_on_and_says_so(spool):
    fill(spool, 10, 10)
    blind = window(3, boot="boot-2")  # 14 minutes before the end of window 10
    spool.turn(blind, replace(window(4, boot="boot-2"), taken=0))
    first, moved = contents(spool).values()
    assert moved.measurement.start >= first.measurement.end
    assert moved.measurement.end - moved.measurement.start == timedelta(seconds=120)
    assert moved.quality.clock == "unset"


def test_a_window_that_was_labelled_a_little_before_times_already_given_is_shorter_and_says_so(spool):
    spool.turn(window(10), None)
    spool.turn(replace(window(11, boot="boot-2"), start=window(10).end - NS, offset=EPOCH - NS), None)
    before, after = contents(spool).values()
    assert after.measurement.start == before.measurement.end
    assert after.measurement.end - after.measurement.start == timedelta(seconds=119)
    assert after.quality.clock == "stepped"


def test_a_window_that_was_put_off_before_is_moved_on_if_both_together_are_more_than_half_of_it(spool):
    # Its daemon knew of times 40 s ahead of its clock, and put it off by that much; in fact they go on for 40 s more.
    spool.turn(window(10), None)
    clock = EPOCH - 80 * NS
    put_off = window(11, boot="boot-2").opened + clock + 40 * NS
    blind = replace(window(11, boot="boot-2", clock="stepped"), start=put_off, offset=clock)
    spool.turn(blind, None)
    before, after = contents(spool).values()
    assert after.measurement.start == before.measurement.end
    assert after.measurement.end - after.measurement.start == timedelta(seconds=120)
    assert after.quality.clock == "unset"


@pytest.mark.parametrize(("ahead_s", "clock"), [(0, "set"), (40, "set"), (90, "unset")])
def test_what_is_held_by_who_does_not_know_the_times_given_comes_after_them(spool, ahead_s, clock):
    spool.turn(replace(window(10), offset=EPOCH + ahead_s * NS), None)
    for number in (11, 12):
        closed = window(number, boot="boot-2", clock="unset")
        spool.turn(closed, window(number + 1, 0, "boot-2", "unset"), hold=True)
    spool.turn(window(13, 5, "boot-2", "unset"), window(14, 0, "boot-2"), hold=True, relabel=EPOCH)
    entries = list(contents(spool).values())
    assert all(before.measurement.end == after.measurement.start for before, after in pairwise(entries))
    assert {entry.quality.clock for entry in entries[1:]} == {clock}, (
        "by more than half a window they are not right"
    )


def test_a_window_whose_number_was_lost_with_its_page_keeps_its_label_under_the_next_number(spool):
    spool.turn(window(4), window(5, 0))
    spool.lose(1, window(5).start, window(5).end, "lost with a damaged page")
    kept = spool.turn(window(5), window(6, 0))
    assert (kept.sequence, kept.quality.clock) == (3, "set")
    assert kept.measurement.start == from_nanoseconds(window(5).start)


def test_what_is_held_gets_its_times_from_who_knows_them_but_not_of_what_is_held(spool):
    for number in (1, 2):
        spool.turn(window(number, clock="unset"), window(number + 1, 0, clock="unset"), hold=True)
    spool.journal(window(8, 5))
    entries = list(contents(spool).values())
    assert [entry.state for entry in entries] == ["waiting", "waiting"]
    assert [entry.quality.clock for entry in entries] == ["set", "set"]
    assert [entry.measurement.start for entry in entries] == [
        from_nanoseconds(window(number).start) for number in (1, 2)
    ]


def test_a_held_window_without_a_reading_comes_before_the_next_of_who_does_not_know_of_it(spool):
    spool.turn(window(9), window(10, 0, clock="unset"))
    # The disk is away while it starts again; by a clock that is set it would have begun twenty minutes earlier.
    early = replace(window(11), offset=EPOCH - 1_200 * NS, start=EPOCH - 1_200 * NS + window(11).opened)
    spool.turn(early, None)
    before, after = (entry.measurement for entry in contents(spool).values())
    (stretch,) = spool.stretches()
    assert stretch.span is None
    assert (stretch.start, stretch.end) == (window(9).end, window(10).end)
    assert (from_nanoseconds(stretch.start), from_nanoseconds(stretch.end)) == (before.end, after.start)


def test_what_two_daemons_hold_under_a_clock_not_set_keeps_its_order_and_moves_no_further_than_it_must(spool):
    spool.turn(window(9), window(10, 0, clock="unset"))
    # The disk is away while it starts again: it does not know what is given, and labels from ten years earlier.
    early = EPOCH - 10 * 365 * 86_400 * NS
    blind = [
        replace(window(number, clock="unset"), offset=early, start=early + window(number).opened)
        for number in (11, 12)
    ]
    spool.journal(window(10, 5, clock="unset"))
    spool.turn(blind[0], replace(blind[1], taken=0), hold=True)
    spool.turn(blind[1], None, hold=True)
    assert spool.release() == 3
    entries = list(contents(spool).values())
    assert all(before.measurement.end == after.measurement.start for before, after in pairwise(entries))


def test_what_another_boot_held_comes_after_all_times_given_too(spool):
    spool.turn(window(10), None)
    spool.turn(window(2, boot="boot-2", clock="unset"), window(3, 0, "boot-2", "unset"), hold=True)
    spool.journal(window(20, boot="boot-3"))
    first, held = (entry.measurement for entry in contents(spool).values())
    assert (held.start, held.end - held.start) == (first.end, timedelta(seconds=120))


def test_a_held_window_without_a_reading_gets_its_right_time_with_the_others(spool):
    for number, taken in enumerate((5, 0, 0, 5)):
        spool.turn(window(number, taken, clock="unset"), window(number + 1, 0, clock="unset"), hold=True)
    assert spool.resume().held_since == {BOOT: window(0).opened}
    # The clock was an hour ahead: by its own times the stretch would lie where the next windows come to lie.
    spool.turn(window(4, clock="unset"), window(5, taken=0), relabel=EPOCH - 3_600 * NS)
    (stretch,) = spool.stretches()
    assert (stretch.start, stretch.end) == (window(1).start - 3_600 * NS, window(3).start - 3_600 * NS)
    assert (stretch.windows, stretch.span) == (2, None)
    assert spool.resume().held_since == {}


def test_since_when_windows_are_held_is_known_also_of_one_without_a_reading(spool):
    spool.turn(window(0, taken=0, clock="unset"), window(1, taken=0, clock="unset"), hold=True)
    assert spool.resume().held_since == {BOOT: window(0).opened}


def test_a_held_window_without_a_reading_keeps_its_time_after_the_wait_and_in_another_boot(spool):
    spool.turn(window(0, taken=0, clock="unset"), window(1, taken=0, clock="unset"), hold=True)
    spool.release()
    assert spool.resume().newest == window(0).end
    spool.turn(window(1, taken=0, clock="unset"), window(2, taken=0, clock="unset"), hold=True)
    spool.journal(window(7, boot="boot-2"))
    assert [stretch.span for stretch in spool.stretches()] == [None, None]
    assert spool.stretches()[1].start == window(1).start


def test_after_the_wait_held_measurements_go_as_they_are_and_say_so(spool):
    held_spool(spool, 2)
    assert spool.release() == 2
    assert [kept.quality.clock for kept in spool.newest_waiting()] == ["unset", "unset"]
    assert spool.resume().newest == EPOCH + 2 * LENGTH


def test_what_another_boot_held_can_never_be_labelled_and_goes(spool):
    held_spool(spool, 2)
    spool.turn(
        window(7, boot="boot-2", clock="unset"), window(8, taken=0, boot="boot-2"), hold=True, relabel=None
    )
    states = {number: entry.state for number, entry in contents(spool).items()}
    # 1 and 2 were held; window 2 was left open by the boot that ended, without a reading; 7 is held now.
    assert states == {1: "waiting", 2: "waiting", 3: "held"}
    assert contents(spool)[1].quality.clock == "unset"


def test_a_window_left_behind_under_a_clock_not_set_is_held_in_the_same_boot(spool):
    spool.journal(window(0, taken=5, clock="unset"))
    spool.journal(window(9, taken=1, clock="unset"))
    assert contents(spool)[1].state == "held"


# Measurements that leave.


def test_the_account_comes_out_whatever_became_of_them(spool):
    fill(spool, 0, 9)
    spool.delivered([9, 10], NOW)
    spool.set_aside(3, "400 Bad Request", NOW)
    spool.drop([1], "by hand")
    account = spool.verify()
    assert account.balanced
    counts = (account.produced, account.delivered, account.waiting, account.set_aside, account.dropped)
    assert counts == (10, 2, 6, 1, 1)
    assert account.dropped_ranges == [Range(1, 1, "dropped", "by hand")]


def test_what_is_delivered_twice_counts_once(spool):
    fill(spool, 0, 3)
    spool.drop([1], "by hand")
    spool.delivered([1, 2], NOW)
    spool.delivered([2], NOW)
    account = spool.verify()
    assert (account.delivered, account.dropped, account.balanced) == (1, 1, True)


def test_the_last_delivery_and_the_last_error_are_remembered(spool):
    fill(spool, 0, 3)
    spool.delivered([1, 2], NOW)
    spool.note_error("500 Internal Server Error", NOW)
    status = spool.status()
    assert status.last_delivery == {"time": "2021-04-13T00:00:00.000Z", "sequence": 2, "count": 2}
    assert status.last_error == {"time": "2021-04-13T00:00:00.000Z", "text": "500 Internal Server Error"}


def test_what_is_set_aside_is_not_sent_until_it_is_retried(spool):
    fill(spool, 0, 2)
    spool.set_aside(2, "min: must be at least -50", NOW)
    entry = contents(spool)[2]
    assert (entry.state, entry.reason, entry.since) == ("set_aside", "min: must be at least -50", iso(NOW))
    assert sequences(spool) == [1, 3]
    assert spool.retry([1, 2]) == 1
    assert sequences(spool) == [1, 2, 3]


def test_all_that_is_set_aside_is_retried_at_once(spool):
    fill(spool, 0, 2)
    for number in (1, 3):
        spool.set_aside(number, "no", NOW)
    assert spool.retry() == 2
    assert sequences(spool) == [1, 2, 3]


def test_a_server_s_long_words_are_cut(spool):
    fill(spool, 0, 0)
    spool.set_aside(1, "x" * 100_000, NOW)
    assert len(contents(spool)[1].reason) == 500


def test_only_the_states_that_are_named_are_dropped(spool):
    fill(spool, 0, 4)
    spool.set_aside(2, "no", NOW)
    assert spool.drop([1, 2], "by hand", ["set_aside"]) == 1
    assert dropped(spool) == {2}
    assert spool.drop(None, "by hand") == 4
    assert spool.verify().dropped_ranges == [Range(1, 5, "dropped", "by hand")]


def test_a_full_spool_drops_the_oldest_by_name(path):
    small = Spool(path, 3)
    fill(small, 0, 4)
    account = small.verify()
    assert account.dropped_ranges == [Range(1, 2, "dropped", "the spool was full")]
    assert (account.waiting, account.balanced) == (3, True)
    small.close()


def test_the_oldest_goes_whatever_state_it_is_in(path):
    small = Spool(path, 3)
    fill(small, 0, 2)
    small.set_aside(1, "no", NOW)
    fill(small, 3, 3)
    assert sorted(contents(small)) == [2, 3, 4]
    small.close()


def test_windows_that_memory_could_not_hold_are_dropped_by_name(spool):
    fill(spool, 0, 1)
    spool.lose(4, EPOCH + 2 * LENGTH, EPOCH + 6 * LENGTH, "memory was full")
    kept = spool.turn(window(6), window(7, taken=0))
    assert kept.sequence == 7
    (gone,) = spool.verify().dropped_ranges
    assert (gone.first, gone.last) == (3, 6)
    assert gone.reason == "memory was full, 2021-04-12T20:24:20.000Z to 2021-04-12T20:32:20.000Z"


def test_the_open_window_may_be_one_of_those_that_memory_could_not_hold(spool):
    spool.journal(window(0, taken=100))
    spool.lose(2, EPOCH, EPOCH + 2 * LENGTH, "memory was full")
    spool.turn(window(2), window(3, taken=0))
    assert sorted(contents(spool)) == [3]
    assert spool.verify().balanced


def test_a_recorded_log_changes_neither_the_open_window_nor_its_time(spool):
    fill(spool, 0, 0)
    before = spool.resume()
    assert spool.add(window(number) for number in range(5_000, 7_500)) == list(range(2, 2_502))[-2_500:]
    after = spool.resume()
    assert (after.newest, after.window) == (before.newest, before.window)
    assert spool.verify().balanced


# Several hands on one file.


def test_two_spools_on_one_file_see_each_other_s_work(path, spool):
    fill(spool, 0, 3)
    spool.set_aside(2, "no", NOW)
    command = Spool(path, 1_000)
    assert command.retry() == 1
    command.drop([1], "by hand")
    command.close()
    assert sequences(spool) == [2, 3, 4]
    assert spool.turn(window(4), window(5, taken=0)).sequence == 5
    assert spool.verify().balanced


def test_a_view_sees_what_a_running_daemon_has_committed(path, spool):
    fill(spool, 0, 2)
    view = Spool.view(path)
    assert view.status() == spool.status()
    fill(spool, 3, 3)
    assert view.verify() == spool.verify()
    assert list(view.entries()) == list(spool.entries())


def test_a_view_leaves_the_files_of_a_stopped_daemon_as_they_are(path, spool):
    fill(spool, 0, 2)
    spool.close()
    before = [(file, file.stat().st_mtime_ns) for file in path.parent.iterdir()]
    assert Spool.view(path).status().sequence == 3
    assert [(file, file.stat().st_mtime_ns) for file in path.parent.iterdir()] == before
    assert [file for file, _ in before] == [path]


def test_a_view_changes_nothing(path, spool):
    fill(spool, 0, 2)
    with pytest.raises(SpoolUnavailable, match="reading only"):
        Spool.view(path).release()


def test_a_view_of_nothing_says_so_and_makes_nothing(tmp_path):
    with pytest.raises(SpoolMisplaced, match=r"spool.db: there is no spool; `sampler run` makes one"):
        Spool.view(tmp_path / "spool.db").status()
    assert not list(tmp_path.iterdir())


# Files that are none of ours.


def test_a_newer_version_s_spool_is_refused_and_left_alone(path, spool):
    fill(spool, 0, 2)
    spool.close()
    db = apsw.Connection(str(path))
    db.execute("ALTER TABLE measurement ADD COLUMN mood TEXT")
    db.pragma("user_version", 2)
    db.close()
    with pytest.raises(
        SpoolMisplaced, match=r"a newer sampler made it .its tables have version 2, this one knows 1"
    ):
        spool.resume()
    assert [file.name for file in path.parent.iterdir() if "damaged" in file.name] == []


def test_somebody_else_s_database_is_refused_and_left_alone(tmp_path):
    db = apsw.Connection(str(tmp_path / "spool.db"))
    db.execute("CREATE TABLE photographs(name TEXT)")
    db.pragma("user_version", 1)
    db.close()
    before = (tmp_path / "spool.db").read_bytes()
    spool = Spool(tmp_path / "spool.db", 10)
    with pytest.raises(SpoolMisplaced, match="it is a database of something else"):
        spool.resume()
    spool.close()
    assert (tmp_path / "spool.db").read_bytes() == before


def test_a_directory_is_no_spool(tmp_path):
    with pytest.raises(SpoolMisplaced, match=r"it is a directory; set spool.path to a file in it"):
        Spool(tmp_path, 10).resume()


def test_a_directory_that_cannot_be_made_is_named_with_the_cure(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SpoolMisplaced, match=r"file: .*; give this user the directory, or set spool.path"):
        Spool(tmp_path / "file" / "spool.db", 10).resume()


def test_a_directory_that_may_not_be_entered_is_named_with_the_cure(forbidden):
    with pytest.raises(SpoolMisplaced, match=r"Permission denied; give this user the directory"):
        Spool(forbidden, 10).resume()


@pytest.mark.usefixtures("forbidden")
def test_a_directory_that_may_not_be_written_is_named_with_the_cure():
    with pytest.raises(
        SpoolMisplaced, match=r"/usr may not be written by user \d+; give this user the directory"
    ):
        Spool(Path("/usr/spool.db"), 10).resume()


def test_a_file_that_was_taken_away_is_begun_anew(path, spool, caplog):
    fill(spool, 0, 2)
    before = spool.resume().spool_id
    for file in path.parent.iterdir():
        file.unlink()
    kept = spool.turn(window(3), window(4, taken=0))
    assert kept.sequence == 1
    assert kept.spool_id != before
    assert "has been replaced by another file" in caplog.text


def test_a_window_that_was_cut_short_stays_after_its_start(spool):
    odd = replace(window(0, taken=1, clock="unset"), closes=window(0).opened)
    spool.turn(odd, window(1, taken=0), hold=True, relabel=EPOCH)
    (kept,) = spool.newest_waiting()
    assert kept.measurement.start < kept.measurement.end
