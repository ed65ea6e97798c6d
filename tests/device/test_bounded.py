"""A call that must come back in time."""

import gc
import threading
import time
import weakref

import pytest

from sampler.device.bounded import Bounded, Hung


@pytest.fixture
def bounded():
    made = Bounded("bounded-test")
    yield made
    made.close()


@pytest.fixture
def stuck():
    """A call that hangs until it is released, at the latest at the end of the test."""
    released = threading.Event()
    yield released
    released.set()


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "bounded-test"]


def test_a_call_gives_its_result(bounded):
    assert bounded.call(lambda: 518, 1.0) == 518


def test_a_call_raises_what_the_function_raises(bounded):
    with pytest.raises(ZeroDivisionError):
        bounded.call(lambda: 1 // 0, 1.0)
    assert bounded.call(lambda: "still alive", 1.0) == "still alive"


def test_even_an_exit_is_the_callers_and_not_the_threads(bounded):
    def leave():
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        bounded.call(leave, 1.0)
    assert bounded.call(lambda: "still alive", 1.0) == "still alive"


def test_a_call_that_does_not_come_back_in_time_is_hung(bounded, stuck):
    begun = time.monotonic()
    with pytest.raises(Hung):
        bounded.call(stuck.wait, 0.05)

    assert 0.05 <= time.monotonic() - begun < 1.0


def test_while_one_call_hangs_no_other_is_begun_and_no_thread_is_added(bounded, stuck):
    begun = []
    with pytest.raises(Hung):
        bounded.call(stuck.wait, 0.01)
    for _ in range(20):
        with pytest.raises(Hung):
            bounded.call(lambda: begun.append(1), 0.001)

    assert begun == []
    assert len(threads()) == 1


def test_a_late_result_is_thrown_away_and_the_next_call_gets_its_own(bounded, stuck):
    def late():
        stuck.wait()
        return "late"

    with pytest.raises(Hung):
        bounded.call(late, 0.01)
    stuck.set()

    assert bounded.call(lambda: "mine", 1.0) == "mine"


def test_a_late_exception_is_thrown_away_too(bounded, stuck):
    def fail_late():
        stuck.wait()
        raise OSError("late")

    with pytest.raises(Hung):
        bounded.call(fail_late, 0.01)
    stuck.set()

    assert bounded.call(lambda: "mine", 1.0) == "mine"


def test_the_next_call_waits_for_the_last_one_within_its_own_time(bounded, stuck):
    with pytest.raises(Hung):
        bounded.call(stuck.wait, 0.01)
    threading.Timer(0.05, stuck.set).start()

    assert bounded.call(lambda: "mine", 5.0) == "mine"


def test_a_thousand_calls_use_one_thread(bounded):
    assert {bounded.call(threading.get_ident, 1.0) for _ in range(1000)} == {threads()[0].ident}


def test_what_was_raised_is_freed_without_the_collector(bounded):
    class BusError(Exception):
        pass

    def fail():
        raise BusError

    gc.disable()
    try:
        try:
            bounded.call(fail, 1.0)
        except BusError as error:
            raised = weakref.ref(error)
        assert raised() is None
    finally:
        gc.enable()


def test_closing_ends_the_thread():
    closed = Bounded("bounded-test")
    closed.call(int, 1.0)
    closed.close()

    assert threads() == []


def test_closing_does_not_wait_for_a_call_that_hangs(stuck):
    closed = Bounded("bounded-test")
    with pytest.raises(Hung):
        closed.call(stuck.wait, 0.01)
    closed.close()
    (thread,) = threads()
    stuck.set()
    thread.join(5.0)

    assert not thread.is_alive()
