"""The real backend under the simulation: it answers, dies, comes back, and the short way tells nothing else."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

from sampler.backend.settings import Settings
from sampler.backend.store import StoreUnavailable
from simulation import readings
from simulation.answer import Answer
from simulation.backend import Backend, Refused, Reset
from simulation.diary import Stored
from simulation.disk import Disk

ONE, MISSING = "/api/temperature", "/api/temperature/missing"
START = 1_618_258_820_000_000_000
"""2021-04-12T20:20:20Z, ns since 1970."""
MINUTE = 60_000_000_000
OF_ITS_OWN = {"x-content-type-options", "referrer-policy", "content-security-policy"}
"""Headers for browsers, which only the doorman adds."""


def document(minute: int = 0, **changes: Any) -> dict[str, Any]:
    """A measurement of two minutes, from 20:20:20 and so many minutes on."""
    start, end = (f"2021-04-12T20:{20 + minute + length:02}:20.000Z" for length in (0, 2))
    whole = {"time": {"start": start, "end": end}, "min": 1.11, "max": 1.13, "average": 1.12} | changes
    return {name: value for name, value in whole.items() if value is not None}


def post(backend: Backend, what: Any, keys: str | None = None, **headers: str) -> Answer:
    """Post one measurement, or an array of them, as a device does."""
    sent = {"Content-Type": "application/json", "X-Device": "kitchen"} | headers
    sent |= {"Idempotency-Key": keys} if keys is not None else {}
    body = what if isinstance(what, bytes) else json.dumps(what).encode()
    return backend.request("POST", MISSING if isinstance(what, list) else ONE, sent, body)


def keys(backend: Backend) -> list[str]:
    return [stored.key for stored in backend.measurements("kitchen")]


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "disk", Random(1))


Serve = Callable[..., Backend]


@pytest.fixture
def serve(disk: Disk) -> Iterator[Serve]:
    """Start a backend on the disk, the long way unless the test says otherwise."""
    backends = []

    def start(*, short: bool = False, **settings: Any) -> Backend:
        database = f"sqlite:///{disk.folder / 'backend.db'}"
        backend = Backend(Settings(**{"database": database} | settings), disk.mount, short=short)
        backends.append(backend)
        backend.start()
        return backend

    yield start
    for backend in backends:
        backend.stop()


@pytest.fixture(params=[False, True], ids=["long way", "short way"])
def backend(serve: Serve, request: pytest.FixtureRequest) -> Backend:
    return serve(short=request.param)


def test_what_is_stored_is_told_as_it_was_sent(backend: Backend) -> None:
    quality = {"due": 1200, "taken": 1199, "missed": 1}

    assert post(backend, document(quality=quality), "a-1").status == 200
    assert post(backend, [document(4), document(2, average=None, avg=1.125)], "a-3, a-2").status == 200
    assert post(backend, document(), None, **{"X-Device": "attic"}).status == 200

    assert backend.measurements("kitchen") == [
        Stored("a-1", START, START + 2 * MINUTE, 1.11, 1.13, 1.12, quality),
        Stored("a-2", START + 2 * MINUTE, START + 4 * MINUTE, 1.11, 1.13, 1.125, None),
        Stored("a-3", START + 4 * MINUTE, START + 6 * MINUTE, 1.11, 1.13, 1.12, None),
    ]
    assert len(backend.measurements()) == 4
    listed = json.loads(backend.request("GET", f"{ONE}?device=kitchen").body)
    assert [one["key"] for one in listed] == ["a-1", "a-2", "a-3"]


def test_a_repetition_under_its_key_is_stored_once(backend: Backend) -> None:
    answers = [post(backend, document(), "a-1"), post(backend, [document(), document(2)], "a-1, a-2")]

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"")] * 2
    assert keys(backend) == ["a-1", "a-2"]


@pytest.mark.parametrize("end", [Disk.kill, Disk.cut_power])
def test_what_was_answered_is_there_after_a_crash(
    backend: Backend, disk: Disk, end: Callable[[Disk], None]
) -> None:
    disk.watch()
    post(backend, document(), "a-1")
    backend.keep_house()
    post(backend, document(2), "a-2")

    end(disk)
    backend.crash()
    with pytest.raises(Refused):
        post(backend, document(4), "a-3")
    backend.start()

    assert keys(backend) == ["a-1", "a-2"]
    assert post(backend, document(4), "a-3").status == 200


def outcomes(backend: Backend, arm: Callable[[int], None]) -> list[int]:
    """How many of ten are stored when the end comes at the first step of their commit, at the second, and so on."""
    found = []
    for step in range(30):
        wave = [f"{step}-{number}" for number in range(10)]
        arm(step)
        answer = None
        with suppress(Reset):
            answer = post(backend, [document(number) for number in range(10)], ", ".join(wave))
        if backend.is_up:
            break
        backend.start()
        found.append(len(set(wave) & set(keys(backend))))
        assert not answer or found[-1] == 10, "it was answered and is not stored"
    assert len(found) < 30, "the end never came"
    return found


def test_a_kill_before_the_commit_leaves_nothing_and_after_it_everything(
    backend: Backend, disk: Disk
) -> None:
    found = outcomes(backend, disk.arm_kill)

    # Written is written for those who are only killed, so nothing but its place in the row of steps decides.
    assert found == sorted(found)
    assert set(found) == {0, 10}
    assert backend.verify() == []


def test_a_power_cut_in_a_commit_leaves_nothing_or_everything(serve: Serve, disk: Disk) -> None:
    found = outcomes(serve(short=True), lambda step: disk.arm_power_cut(0, step))

    assert len(found) > 2
    assert set(found) <= {0, 10}


def test_a_refusal_is_heard_of_though_its_receipt_is_the_end(serve: Serve, disk: Disk) -> None:
    backend = serve()
    disk.arm_kill(0)

    assert post(backend, document(min=None)).status == 400
    assert not backend.is_up


def test_a_backend_that_dies_when_it_starts_is_started_again(backend: Backend, disk: Disk) -> None:
    post(backend, document(), "a-1")
    backend.stop()
    disk.arm_kill(0)

    with pytest.raises(Reset):
        backend.start()
    assert not backend.is_up
    backend.start()
    assert keys(backend) == ["a-1"]


def test_a_disk_that_refuses_is_answered_503_and_service_resumes(backend: Backend, disk: Disk) -> None:
    post(backend, document(), "a-1")
    disk.faults.fill()

    answer = post(backend, [document(minute) for minute in range(30)], ", ".join(map(str, range(30))))
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")

    disk.mend()
    assert post(backend, document(2), "a-2").status == 200
    assert keys(backend) == ["a-1", "a-2"]


def test_what_follows_a_commit_whose_sync_failed_does_not_hang_on_it(serve: Serve, disk: Disk) -> None:
    backend = serve(short=True)
    answered = []
    for wave in range(20):  # of a power cut, luck decides what it takes
        disk.watch()
        disk.faults.refuse("sync", times=None)
        assert post(backend, document(), f"{wave}-failed").status == 503
        disk.kill()
        backend.crash()
        disk.mend()
        # The kernel shows the failed commit as written, which it is not: SQLite goes on behind it.
        backend.start()
        assert post(backend, document(), f"{wave}-answered").status == 200
        answered.append(f"{wave}-answered")
        disk.cut_power()
        backend.crash()
        backend.start()
        assert [key for key in keys(backend) if key.endswith("answered")] == answered


def test_a_disk_that_refuses_at_the_start_is_told_of(backend: Backend, disk: Disk) -> None:
    backend.stop()
    disk.faults.make_read_only()

    with pytest.raises(StoreUnavailable):
        backend.start()
    assert not backend.is_up


def test_a_lottery_of_the_same_seed_gives_the_same_answers(serve: Serve) -> None:
    def course(seed: int, *, short: bool) -> list[tuple[int, bytes]]:
        backend = serve(fail_rate=0.4, fail_after=0.2, seed=seed, short=short)
        answers = [post(backend, document(), f"{seed}-{number}") for number in range(50)]
        return [(answer.status, answer.body) for answer in answers]

    assert course(7, short=False) == course(7, short=True) != course(8, short=True)


def test_each_life_has_its_own_luck(serve: Serve) -> None:
    backend = serve(fail_rate=0.5, seed=7, short=True)

    first = [post(backend, []).status for _ in range(50)]
    backend.stop()
    backend.start()

    assert [post(backend, []).status for _ in range(50)] != first
    assert set(first) == {200, 500}
    assert backend.defects == []


READINGS = [
    {"sensor": "Außen 1/2", "timestamp": "2021-11-08T21:38:09+01:00", "value": 2.1},
    {"sensor": "cellar", "timestamp": "2021-11-08T21:38:10Z", "value": 1},
]
OUTSIDE = "Au%C3%9Fen%201/2"
REQUESTS: dict[str, tuple[str, dict[str, str], Any]] = {
    "one": (ONE, {"Idempotency-Key": "a-1"}, document()),
    "the same again": (ONE, {"Idempotency-Key": "a-1"}, document()),
    "its key with another average": (ONE, {"Idempotency-Key": "a-1"}, document(average=1.13)),
    "without a key": (ONE, {}, document()),
    "without a device": (ONE, {"X-Device": "", "Idempotency-Key": "a-1"}, document()),
    "some": (MISSING, {"Idempotency-Key": "a-1, a-2"}, [document(), document(2)]),
    "none": (MISSING, {}, []),
    "none with a key": (MISSING, {"Idempotency-Key": "a-1"}, []),
    "too few keys": (MISSING, {"Idempotency-Key": "a-1"}, [document(), document(2)]),
    "a key too long": (ONE, {"Idempotency-Key": "a" * 101}, document()),
    "a name too long": (ONE, {"X-Device": "k" * 201}, document()),
    "a name that is no UTF-8": (ONE, {"X-Device": "%ff"}, document()),
    "a name in UTF-8": (ONE, {"X-Device": "K%C3%BCche"}, document()),
    "without min": (ONE, {}, document(min=None)),
    "the second too warm": (MISSING, {}, [document(), document(2, max=50.1)]),
    "no array": (MISSING, {}, document()),
    "an array for one": (ONE, {}, [document()]),
    "too many": (MISSING, {}, [document()] * 1001),
    "no JSON": (ONE, {}, b"{"),
    "nothing": (ONE, {}, b""),
    "another type": (ONE, {"Content-Type": "text/plain"}, document()),
    "no type": (ONE, {"Content-Type": ""}, document()),
    "JSON by another name": (ONE, {"Content-Type": "application/vnd.api+json; charset=utf-8"}, document()),
    "compressed": (ONE, {"Content-Encoding": "gzip"}, document()),
    "too long": (ONE, {}, b" " * 200_001),
    "from a page": (ONE, {"Origin": "http://elsewhere.example"}, document()),
    "with a name of its own": (ONE, {"X-Request-Id": "mine"}, document(min=None)),
    "another address": ("/api/temperatures", {}, document()),
    "readings": ("/data", {"Idempotency-Key": "b-1"}, READINGS),
    "the same readings": ("/data", {"Idempotency-Key": "b-1"}, READINGS),
    "others under their key": ("/data", {"Idempotency-Key": "b-1"}, READINGS[:1]),
    "no readings": ("/data", {}, []),
    "a reading without a value": ("/data", {}, [*READINGS, {"sensor": "cellar", "timestamp": "2021-11-08"}]),
    "lines": ("/data", {"Content-Type": "text/plain"}, b"1649941817 Voltage 1.34\n"),
    "lines that are none": ("/data", {"Content-Type": "text/plain"}, b"1649941817 1.35 Voltage\n"),
    "readings as XML": ("/data", {"Content-Type": "text/xml"}, b"<a/>"),
    "statistics": (f"/statistics/{OUTSIDE}", {}, None),
    "statistics of nobody": ("/statistics/nobody", {}, None),
    "statistics of no UTF-8": ("/statistics/%ff", {}, None),
    "statistics of nothing": ("/statistics/", {}, None),
    "statistics of a slash more": ("/statistics//cellar", {}, None),
    "buckets": (f"/buckets/{OUTSIDE}?by=hour&tz=Europe/Oslo", {}, None),
    "buckets by nothing": ("/buckets/cellar", {}, None),
    "buckets by nonsense": ("/buckets/cellar?by=blink&by=day", {}, None),
}
"""What is asked, in this order; None as the body is a GET."""


def ask(backend: Backend, path: str, headers: dict[str, str], what: Any) -> Answer:
    if what is None:
        return backend.request("GET", path, headers)
    body = what if isinstance(what, bytes) else json.dumps(what, separators=(",", ":")).encode()
    sent = {"Content-Type": "application/json", "X-Device": "kitchen"} | headers
    return backend.request("POST", path, sent, body)


def test_both_ways_give_the_same_answers(serve: Serve) -> None:
    def course(*, short: bool) -> dict[str, Answer]:
        backend = serve(short=short, max_body_bytes=200_000)
        return {name: ask(backend, *request) for name, request in REQUESTS.items()}

    def told(answer: Answer) -> Any:
        headers = {name: value for name, value in answer.headers.items() if name not in OF_ITS_OWN}
        return answer.status, answer.body, headers

    by_the_long, by_the_short = course(short=False), course(short=True)

    assert {answer.status for answer in by_the_long.values()} == {200, 400, 403, 404, 413, 415, 422}
    for name in REQUESTS:
        assert told(by_the_long[name]) == told(by_the_short[name]), name
    assert {name for name in REQUESTS if OF_ITS_OWN & by_the_short[name].headers.keys()} == {
        "compressed",
        "too long",
        "from a page",
        "with a name of its own",
        "another address",
        "statistics of nothing",
        "statistics of a slash more",
    }, "the short way is for nothing else"


def test_what_fails_in_the_store_gets_the_same_answer_on_both_ways(
    serve: Serve, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def course(*, short: bool) -> list[Any]:
        backend = serve(short=short)
        disk.faults.make_read_only()
        refused = post(backend, document())
        disk.mend()
        monkeypatch.setattr("sampler.backend.store.measurements._INSERT", "nonsense")
        broken = post(backend, document())
        monkeypatch.undo()
        assert backend.defects == [f"POST {ONE} {json.dumps(document()).encode()!r}"]
        return [(one.status, one.body, one.headers.get("retry-after")) for one in (refused, broken)]

    by_the_long = course(short=False)

    assert [status for status, *_ in by_the_long] == [503, 500]
    assert course(short=True) == by_the_long


def test_a_backup_is_taken_while_it_runs_and_fills_another_database(backend: Backend, tmp_path: Path) -> None:
    post(backend, document(), "a-1")
    readings.post(backend, "first", [("sensor1", "2021-11-08T21:38:09+00:00", 2.0)])
    backend.backup(tmp_path / "backup.db")
    post(backend, document(2), "a-2")
    readings.post(backend, "second", [("sensor1", "2021-11-08T21:38:10+00:00", 4.0)])
    backend.stop()

    backend.restore(tmp_path / "backup.db")

    assert keys(backend) == ["a-1"]
    backend.start()
    assert readings.statistics(backend, "sensor1")["count"] == 1
    assert readings.post(backend, "first", [("sensor1", "2021-11-08T21:38:09+00:00", 2.0)]).status == 200
    assert post(backend, [document(), document(2)], "a-1, a-2").status == 200
    assert keys(backend) == ["a-1", "a-2"]
    assert readings.statistics(backend, "sensor1")["count"] == 1
    assert backend.verify() == []


def test_a_restore_that_was_cut_off_is_done_again(backend: Backend, disk: Disk, tmp_path: Path) -> None:
    post(backend, document(), "a-1")
    backend.backup(tmp_path / "backup.db")
    backend.stop()
    for step in range(5, 100, 10):
        disk.arm_kill(step)
        with pytest.raises(Reset):
            backend.restore(tmp_path / "backup.db")

    backend.restore(tmp_path / "backup.db")

    assert keys(backend) == ["a-1"]


def rows(disk: Disk, table: str) -> int:
    with closing(
        apsw.Connection(str(disk.folder / "backend.db"), flags=apsw.SQLITE_OPEN_READONLY)
    ) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").get)  # noqa: S608 - ours


def test_statistics_are_those_worked_out_by_hand(backend: Backend, disk: Disk) -> None:
    published = [
        ("sensor1", "2021-11-08T21:38:09+00:00", 2.1),
        ("sensor1", "2021-11-09T21:38:10+00:00", 1.0),
        ("sensor1", "2021-11-09T21:38:11+00:00", 2.2),
    ]
    for _ in range(2):  # the second is a repetition
        assert readings.post(backend, "all three", published).body == b'{"accepted":3}'
    expected = {"last_measurement": "2021-11-09T21:38:11+00:00", "count": 3, "avg": 1.7666666666666668}

    assert readings.statistics(backend, "sensor1") == expected
    assert (rows(disk, "arrivals"), rows(disk, "blocks")) == (1, 0)
    backend.keep_house()
    assert (rows(disk, "arrivals"), rows(disk, "blocks")) == (0, 2)
    assert readings.statistics(backend, "sensor1") == expected
    assert [
        (one["start"], one["count"], one["min"], one["max"], one["avg"])
        for one in readings.buckets(backend, "sensor1", "day")
    ] == [
        ("2021-11-08T00:00:00+00:00", 1, 2.1, 2.1, 2.1),
        ("2021-11-09T00:00:00+00:00", 2, 1.0, 2.2, 1.6),
    ]
    assert readings.statistics(backend, "sensor 2/ü") == {"last_measurement": None, "count": 0, "avg": 0.0}
    assert backend.verify() == []
    listed = backend.request("GET", "/data?from=2021-11-08&to=2021-11-08")
    assert json.loads(listed.body) == [{"time": "2021-11-08T21:38:09.000Z", "name": "sensor1", "value": 2.1}]


def test_a_falsified_statistic_is_found(backend: Backend, disk: Disk) -> None:
    readings.post(backend, "one", [("sensor1", "2021-11-08T21:38:09+00:00", 2.1)])
    backend.stop()
    with closing(apsw.Connection(str(disk.folder / "backend.db"))) as connection:
        connection.execute("UPDATE sensors SET count = 2")

    (difference,) = backend.verify()
    assert (difference.sensor, difference.what) == ("sensor1", "count")


def test_nothing_is_done_in_another_thread(backend: Backend, tmp_path: Path) -> None:
    threads = threading.active_count()

    post(backend, document(), "a-1")
    post(backend, document(min=None), "a-2")
    readings.post(backend, "one", [("sensor1", "2021-11-08T21:38:09+00:00", 2.1)])
    for path in (
        "/healthz",
        "/statistics/sensor1",
        "/data?from=2021-11-08&to=2021-11-09",
        "/metrics",
        ONE,
        "/docs",
    ):
        assert backend.request("GET", path).status in {200, 204}, path
    refused = [one["status"] for one in json.loads(backend.request("GET", "/receipts").body)]
    backend.keep_house()
    backend.backup(tmp_path / "backup.db")
    backend.verify()

    assert threading.active_count() == threads
    assert refused in ([400], [])  # the short way keeps no receipts
