"""The delivery flow in simulated time: a real spool, a real client, and a backend that answers as it is told."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import apsw
import pytest
import requests
import responses

from sampler.device.adc import Adc
from sampler.device.bell import Bell
from sampler.device.client import Client, Unreachable
from sampler.device.clock import NS
from sampler.device.config import BackendConfig, RetryConfig
from sampler.device.delivery import Delivery, duration, policy
from sampler.device.spool import Spool
from sampler.device.window import Window
from tests.device.fake_clock import NOON, FakeClock
from tests.disk import Disk

CURRENT = "http://localhost:5000/api/temperature"
MISSING = "http://localhost:5000/api/temperature/missing"
LENGTH = 120 * NS

Answer = tuple[int, dict[str, str], str] | Exception
OK: Answer = (200, {}, "")
FAILS: Answer = (500, {}, "")
REFUSED: Answer = requests.ConnectionError("refused")


class FakeBell(Bell):
    """Waits by letting the fake clock go on. `at_wait` is called before each wait, to ring or to stop."""

    def __init__(self, clock: FakeClock) -> None:
        self.stop = Event()
        super().__init__(self.stop)
        self._clock = clock
        self.at_wait: Callable[[], None] = lambda: None

    def wait(self, seconds: float | None) -> bool:
        if seconds:
            self.at_wait()
        if super().wait(0):
            return True
        self._clock.pass_by(seconds or 0)
        return False


class World:
    """A device whose windows close when the test says so, and a backend whose answers the test gives."""

    def __init__(self, path: Path, mocked: responses.RequestsMock) -> None:
        self.clock = FakeClock()
        self.bell = FakeBell(self.clock)
        self.spool = Spool(path / "spool.db", 1_000)
        self.config = BackendConfig(average_key="avg")
        self.retry = RetryConfig(attempts=3, wait_s=1.0, wait_max_s=30.0)
        self.delivery = self.new_delivery()
        self.requests: list[tuple[str, list[int]]] = []
        self.at: list[float] = []
        self.answer: Callable[[str, list[int]], Answer] = lambda path, sequences: OK
        self._opened = self.clock.monotonic()
        for url in (CURRENT, MISSING):
            mocked.add_callback(responses.POST, url, self._answer)

    def new_delivery(self) -> Delivery:
        return Delivery(self.spool, Client(self.config, "shed"), self.retry, self.clock, self.bell)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        path = "missing" if str(request.url).endswith("/missing") else "current"
        keys = str(request.headers["Idempotency-Key"]).split(", ")
        sequences = [int(key.rpartition("-")[2]) for key in keys]
        documents = json.loads(request.body or "[]")
        starts = [one["time"]["start"] for one in documents] if path == "missing" else []
        assert starts == sorted(starts)
        self.requests.append((path, sequences))
        self.at.append((self.clock.monotonic() - 1_000 * NS) / NS)
        answer = self.answer(path, sequences)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def window(self) -> Window:
        opened = self._opened
        return Window(
            Adc(), "boot-1", opened, opened + LENGTH, NS // 10, NOON - 1_000 * NS, NOON + opened - 1_000 * NS
        )

    def close_window(self) -> None:
        closed = self.window()
        closed.take(3000)
        self._opened += LENGTH
        self.clock.sleep_until(self._opened)
        self.spool.turn(closed, self.window())

    def interval(self) -> list[tuple[str, list[int]]]:
        """A window closes; give what was asked of the backend in the round that follows."""
        self.requests.clear()
        self.close_window()
        self.delivery.round()
        return list(self.requests)

    @property
    def waiting(self) -> list[int]:
        return [entry.sequence for entry in self.spool.entries("waiting")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        world = World(tmp_path, mocked)
        world.delivery.round()
        yield world
        world.delivery.close()
        world.spool.close()


def test_the_current_measurement_goes_to_its_own_address_once_an_interval(world: World):
    assert [world.interval() for _ in range(3)] == [
        [("current", [1])],
        [("current", [2])],
        [("current", [3])],
    ]
    assert world.waiting == []


def test_what_failed_is_sent_as_missing_at_the_next_interval(world: World):
    world.answer = lambda path, sequences: FAILS
    assert world.interval() == [("current", [1])]
    assert world.waiting == [1]
    world.answer = lambda path, sequences: OK
    assert world.interval() == [("current", [2]), ("missing", [1])]
    assert world.waiting == []


def test_the_current_measurement_is_tried_once_and_an_array_three_times_with_growing_pauses(world: World):
    world.answer = lambda path, sequences: FAILS
    world.interval()
    world.at.clear()
    assert world.interval() == [("current", [2]), *[("missing", [1])] * 3]
    first, second = world.at[2] - world.at[1], world.at[3] - world.at[2]
    # 1 s and 2 s, each with up to 1 s of jitter
    assert 1 <= first <= 2 <= second <= 3


def test_after_an_hour_away_the_newest_ten_go_first_and_everything_follows(world: World):
    world.answer = lambda path, sequences: REFUSED
    for _ in range(30):
        world.interval()
    assert world.waiting == list(range(1, 31))
    world.answer = lambda path, sequences: OK
    assert world.interval() == [
        ("current", [31]),
        ("missing", list(range(21, 31))),
        ("missing", list(range(11, 21))),
        ("missing", list(range(1, 11))),
    ]
    assert world.waiting == []


def test_older_arrays_follow_only_as_long_as_they_are_accepted(world: World):
    world.answer = lambda path, sequences: FAILS
    for _ in range(25):
        world.interval()
    world.answer = lambda path, sequences: OK if path == "current" or 25 in sequences else FAILS
    assert world.interval() == [
        ("current", [26]),
        ("missing", list(range(16, 26))),
        *[("missing", list(range(6, 16)))] * 3,
    ]
    assert world.waiting == list(range(1, 16))


def test_a_new_measurement_ends_the_round_so_that_the_current_one_is_never_late(world: World):
    world.answer = lambda path, sequences: FAILS
    world.interval()
    world.bell.at_wait = world.bell.ring
    assert world.interval() == [("current", [2]), ("missing", [1])]


def test_a_stop_while_a_request_is_under_way_begins_no_other(world: World):
    world.answer = lambda path, sequences: FAILS
    world.interval()

    def hang(path: str, sequences: list[int]) -> Answer:
        world.bell.stop.set()
        return requests.Timeout("no answer")

    world.answer = hang
    assert world.interval() == [("current", [2])]
    assert world.waiting == [1, 2]


def test_retry_after_is_honoured_across_intervals(world: World):
    world.answer = lambda path, sequences: (503, {"Retry-After": "300"}, "")
    world.interval()
    asked_at = world.at[-1]
    world.bell.at_wait = world.bell.ring
    assert world.interval() == []
    world.bell.clear()
    world.bell.at_wait = lambda: None
    world.answer = lambda path, sequences: OK
    assert world.interval() == [("current", [3]), ("missing", [1, 2])]
    assert world.at[-2] - asked_at >= 300


@pytest.mark.parametrize("answer", [(503, {"Retry-After": "3600"}, ""), FAILS])
def test_a_backend_that_is_away_is_told_of_even_if_every_pause_outlasts_its_interval(
    world: World, answer: Answer, caplog
):
    world.answer = lambda path, sequences: answer
    world.bell.at_wait = world.bell.ring
    for _ in range(4):
        world.interval()
        world.bell.clear()
    told = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1
    assert re.match("the backend is away: 50[03] ", told[0])
    assert world.spool.status().last_error is not None


@pytest.mark.parametrize("status", [401, 403, 404, 405, 302])
def test_what_the_operator_must_cure_is_kept_and_not_repeated_within_the_interval(world: World, status: int):
    world.answer = lambda path, sequences: (status, {}, "")
    world.interval()
    assert world.interval() == [("current", [2])]
    assert world.waiting == [1, 2]


def test_a_rejected_measurement_does_not_block_the_others(world: World):
    world.answer = lambda path, sequences: FAILS
    for _ in range(10):
        world.interval()
    world.answer = lambda path, sequences: (422, {}, "number 7 is beyond belief") if 7 in sequences else OK
    assert world.interval() == [
        ("current", [11]),
        ("missing", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("missing", [1, 2, 3, 4, 5]),
        ("missing", [6, 7, 8, 9, 10]),
        ("missing", [6, 7]),
        ("missing", [6]),
        ("missing", [7]),
        ("missing", [8, 9, 10]),
    ]
    (aside,) = world.spool.entries()
    assert (aside.sequence, aside.state) == (7, "set_aside")
    assert "number 7 is beyond belief" in aside.reason
    assert world.spool.verify().balanced


def test_a_rejected_current_measurement_is_set_aside_at_once(world: World):
    world.answer = lambda path, sequences: (400, {}, "no")
    assert world.interval() == [("current", [1])]
    assert [entry.state for entry in world.spool.entries()] == ["set_aside"]


def test_what_an_earlier_life_left_behind_goes_at_once_as_missing(world: World):
    world.answer = lambda path, sequences: FAILS
    for _ in range(3):
        world.interval()
    world.requests.clear()
    world.answer = lambda path, sequences: OK
    second = world.new_delivery()
    second.round()
    second.close()
    assert world.requests == [("missing", [1, 2, 3])]


def test_an_outage_is_told_once_and_its_end_once(world: World, caplog):
    caplog.set_level(logging.INFO)
    world.answer = lambda path, sequences: REFUSED
    for _ in range(5):
        world.interval()
    world.answer = lambda path, sequences: OK
    for _ in range(3):
        world.interval()
    told = [record.message for record in caplog.records]
    assert len(told) == 2
    assert told[0].startswith("the backend is away: ")
    assert told[1].startswith("the backend is back after 10")
    assert world.spool.status().last_error is not None


def test_a_backend_that_fails_now_and_then_is_no_outage(world: World, caplog):
    caplog.set_level(logging.INFO)
    for number in range(6):
        world.answer = lambda path, sequences, n=number: FAILS if path == "current" and n % 2 else OK
        world.interval()
    assert caplog.records == []


@pytest.mark.real  # SQLite waits five seconds for the lock
def test_nothing_is_sent_again_that_the_backend_took_while_the_disk_refused_to_note_it(
    world: World, tmp_path: Path
):
    other = apsw.Connection(str(tmp_path / "spool.db"))

    def take(path: str, sequences: list[int]) -> Answer:
        other.execute("BEGIN IMMEDIATE")
        return OK

    world.answer = take
    assert world.interval() == [("current", [1])]
    other.execute("ROLLBACK")
    other.close()
    assert world.waiting == [1]
    world.answer = lambda path, sequences: OK
    assert world.interval() == [("current", [2])]
    assert world.waiting == []
    assert world.spool.verify().balanced


def test_another_client_and_policy_count_from_the_next_round(world: World):
    world.answer = lambda path, sequences: FAILS
    world.interval()
    world.delivery.reconfigure(Client(world.config, "shed"), RetryConfig(attempts=1))
    world.bell.clear()
    assert world.interval() == [("current", [2]), ("missing", [1])]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.14159, "3.14 s"), (119, "119 s"), (720, "12 min"), (9000, "2.5 h"), (360_000, "4.17 d")],
)
def test_a_length_of_time_is_written_for_people(seconds: float, text: str):
    assert duration(seconds) == text


def test_a_disk_that_refuses_while_the_backend_is_away_does_not_end_the_flow(world: World):
    world.answer = lambda path, sequences: FAILS
    world.interval()
    world.spool.close()
    with Disk() as disk:

        def fail_both(path: str, sequences: list[int]) -> Answer:
            disk.fault = apsw.FullError if path == "missing" else None
            return FAILS

        world.answer = fail_both
        assert world.interval() == [("current", [2]), *[("missing", [1])] * 3]
        disk.fault = None
        world.answer = lambda path, sequences: OK
        assert world.interval() == [("current", [3]), ("missing", [1, 2])]
        world.spool.close()


def test_the_terminal_is_told_how_the_spool_stands_without_asking_it(world: World):
    world.answer = lambda path, sequences: FAILS if path == "current" else OK
    world.interval()
    assert world.delivery.status is not None
    assert (world.delivery.status.delivered, world.delivery.status.waiting) == (0, 1)
    world.interval()
    assert (world.delivery.status.delivered, world.delivery.status.waiting) == (1, 1)


@pytest.mark.parametrize("wait_s", [0.0, 0.25, 1.0, 30.0])
def test_the_first_pause_is_at_most_twice_the_wait_that_was_set_and_never_beyond_the_longest(wait_s):
    pauses = []
    retrying = policy(RetryConfig(attempts=4, wait_s=wait_s, wait_max_s=30.0), pauses.append)
    with pytest.raises(Unreachable):
        retrying(_unreachable)
    assert wait_s <= pauses[0] <= 2 * wait_s
    assert max(pauses) <= 30.0


def _unreachable() -> None:
    raise Unreachable("refused")
