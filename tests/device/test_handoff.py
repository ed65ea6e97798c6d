"""What sampling hands to keeping."""

from threading import Thread

from sampler.device.adc import Adc
from sampler.device.clock import NS
from sampler.device.handoff import Handoff, Journal, Lost, Release, Turn
from sampler.device.window import Window
from tests.device.fake_clock import NOON


def window(number: int) -> Window:
    opened = number * NS
    return Window(Adc(), "boot-1", opened, opened + NS, NS // 10, NOON, NOON + opened)


def turn(number: int) -> Turn:
    return Turn(window(number), window(number + 1))


def all_of(handoff: Handoff) -> list[object]:
    handoff.close()
    events = []
    while event := handoff.next():
        events.append(event)
        handoff.done()
    return events


def test_events_come_out_in_the_order_they_went_in():
    handoff = Handoff()
    for event in (turn(0), Release(), turn(1)):
        handoff.put(event)
    assert all_of(handoff) == [turn(0), Release(), turn(1)]


def test_an_event_stays_until_it_has_been_kept():
    handoff = Handoff()
    handoff.put(turn(0))
    handoff.put(turn(1))
    assert handoff.next() == turn(0)
    assert handoff.next() == turn(0)
    handoff.done()
    assert handoff.next() == turn(1)


def test_of_journals_only_the_newest_is_left_and_a_turn_makes_them_superfluous():
    handoff = Handoff()
    handoff.put(Journal(window(0)))
    newest = window(0)
    newest.take(5)
    handoff.put(Journal(newest))
    assert handoff.next() == Journal(newest)
    handoff.done()
    handoff.put(Journal(newest))
    handoff.put(turn(0))
    assert all_of(handoff) == [turn(0)]


def test_that_held_windows_get_their_times_outlives_the_journal_that_said_so():
    handoff = Handoff()
    handoff.put(Journal(window(0), 7))
    handoff.put(Journal(window(0)))
    handoff.put(turn(0))
    assert all_of(handoff) == [Turn(window(0), window(1), relabel=7)]


def test_a_journal_that_is_being_kept_is_not_replaced_under_the_keeper_s_hands():
    handoff = Handoff()
    handoff.put(Journal(window(0)))
    taken = handoff.next()
    handoff.put(turn(0))
    assert handoff.next() is taken


def test_a_full_queue_loses_its_oldest_windows_and_says_how_many_and_when():
    handoff = Handoff(limit=3)
    for number in range(6):
        handoff.put(turn(number))
    lost, *rest = all_of(handoff)
    assert lost == Lost(3, window(0).start, window(2).end)
    assert rest == [turn(3), turn(4), turn(5)]


def test_a_journal_in_a_full_queue_costs_a_window_its_place_only_until_the_next_turn():
    handoff = Handoff(limit=3)
    handoff.put(turn(0))
    handoff.put(Journal(window(1)))
    handoff.put(turn(1))
    handoff.put(turn(2))
    assert all_of(handoff) == [turn(0), turn(1), turn(2)]


def test_a_consumer_who_waits_is_woken_by_an_event_and_by_the_end():
    handoff = Handoff()
    seen = []

    def consume() -> None:
        while event := handoff.next():
            seen.append(event)
            handoff.done()

    consumer = Thread(target=consume)
    consumer.start()
    handoff.put(turn(0))
    handoff.put(turn(1))
    handoff.close()
    consumer.join(10)
    assert not consumer.is_alive()
    assert seen == [turn(0), turn(1)]
    assert handoff.waiting == 0
