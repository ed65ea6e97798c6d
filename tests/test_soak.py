"""An hour of the soak in seconds; and that what grows would be seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.soak.course import Course, Look, Plan
from bench.soak.judge import costs, holdings
from bench.soak.report import table
from bench.soak.size import Size
from bench.soak.sums import labels, once, readings
from bench.soak.usage import Usage
from bench.soak.world import soak

DAY = Plan(hours=24, speed=30)
US_PER_READING = 20


@pytest.mark.real
def test_an_hour_with_two_outages_leaves_no_descriptor_thread_page_or_window_behind(tmp_path: Path) -> None:
    course = soak(Plan(hours=1, speed=300), tmp_path)
    assert [str(verdict) for verdict in (*holdings(course), *course.sums) if not verdict.ok] == []


def test_a_day_on_which_nothing_grows_passes() -> None:
    assert failing(day(lambda look: look)) == []


@pytest.mark.parametrize(
    ("leak", "told"),
    [
        (lambda windows: {"rss": 30 + windows * 2 / 1024}, "resident memory"),  # 2 KiB a window: 1.1 MiB
        (lambda windows: {"descriptors": 15 + windows // 100}, "file descriptors"),
        (lambda windows: {"threads": 6 + windows // 300}, "threads"),
        (lambda windows: {"cpu_ns": windows * 1200 * (US_PER_READING * 1000 + windows * 20)}, "CPU"),
    ],
)
@pytest.mark.parametrize("process", ["daemon", "backend"])
def test_what_grows_with_the_windows_is_seen(
    process: str, leak: Callable[[int], dict[str, float]], told: str
) -> None:
    def leaking(look: Look) -> Look:
        usage = replace(getattr(look, process), **leak(round(look.at * DAY.windows)))
        return replace(look, **{process: usage})

    (verdict,) = failing(day(leaking))
    assert told in verdict


def test_a_spool_that_keeps_a_delivered_row_in_ten_is_seen() -> None:
    """720 windows, 8 on a page: 9 pages too many, which the smaller backlog then does not find free."""
    kept = day(lambda look: replace(look, spool=replace(look.spool, free=35 - round(look.at * 9))))
    (verdict,) = failing(kept)
    assert "pages in use" in verdict


def test_a_spool_that_does_not_use_its_free_pages_again_is_seen() -> None:
    appended = day(lambda look: replace(look, spool=replace(look.spool, pages=60)) if look.at > 0.5 else look)
    assert ["pages in all" in verdict for verdict in failing(appended)] == [False, True]


def test_the_table_has_a_row_for_each_tenth_of_each_process_and_of_the_files() -> None:
    rows = table(day(lambda look: look)).splitlines()
    assert [row[:5].strip() for row in rows].count("10") == 3
    assert "   30.00   20.00   12.00   15        6    20.00" in rows[2]


def test_a_window_that_the_backend_has_twice_not_at_all_or_out_of_nowhere_is_seen() -> None:
    told = {"produced": 3, "waiting": 0}
    three = [{"key": f"ef36388f-{number}"} for number in (1, 2, 3)]
    assert once(told, three).ok
    assert not once(told, [*three, three[1]]).ok
    assert not once(told, three[1:]).ok
    assert not once(told, [*three, {"key": "ef36388f-4"}]).ok
    assert once({"produced": 3, "waiting": 1}, three[:2]).ok


def test_a_gap_and_an_overlap_between_windows_are_seen() -> None:
    times = [f"2026-11-23T12:0{minute}:00.000Z" for minute in range(7)]

    def windows(*spans: tuple[int, int]) -> list[dict[str, dict[str, str]]]:
        return [{"time": {"start": times[start], "end": times[end]}} for start, end in spans]

    none: dict[str, list[object]] = {"without_reading": []}
    assert labels(none, windows((0, 2), (2, 4), (4, 6))).ok
    assert not labels(none, windows((0, 2), (4, 6))).ok
    assert not labels(none, windows((0, 3), (2, 4))).ok
    told = {"without_reading": [{"start": times[2], "end": times[4], "windows": 1}]}
    assert labels(told, windows((0, 2), (4, 6))).ok


def test_a_reading_that_nobody_accounts_for_is_seen() -> None:
    window = {"due": 1200, "taken": 1190, "missed": {"late": 9}, "bad": {"blank": 1}}
    assert readings([{"quality": window}]).ok
    assert not readings([{"quality": window | {"bad": {}}}]).ok
    assert not readings([{"quality": window | {"due": 1199, "bad": {}}}]).ok


def failing(course: Course) -> list[str]:
    return [str(verdict) for verdict in (*costs(course), *holdings(course)) if not verdict.ok]


def day(change: Callable[[Look], Look]) -> Course:
    """200 looks at a day that is flat, each changed a little."""
    return Course(DAY, [change(flat(number / 200)) for number in range(200)], [])


def flat(at: float) -> Look:
    usage = Usage(30.0, 20.0, 12.0, 15, 6, round(at * DAY.readings * US_PER_READING * 1000))
    backlog = 108 if 0.2 < at < 0.35 else 50 if 0.5 < at < 0.57 else 1
    return Look(at, usage, usage, Size(200_000, 900_000, 50, 35), Size(0, 0, 90, 0), backlog, round(at * 720))
