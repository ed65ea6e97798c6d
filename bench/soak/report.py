"""What was seen, for people: a row for each tenth."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.soak.course import AWAY, Course, Look, Plan
from bench.soak.judge import PROCESSES, costs, cpu_us, holdings, medians, usages
from bench.soak.size import PAGE
from bench.soak.usage import Usage
from bench.soak.verdict import Verdict
from bench.soak.world import FAILURES

COLUMNS = f"{'RSS':>8}{'PSS':>8}{'anon':>8}{'fds':>5}{'threads':>9}{'µs CPU':>9}"
SIZES = f"{'waiting':>9}{'pages':>7}{'used':>6}{'log KiB':>9}{'windows':>10}{'pages':>7}{'B/window':>10}"


def judged(course: Course) -> list[Verdict]:
    """Give every verdict."""
    return [*costs(course), *holdings(course), *course.sums]


def as_json(course: Course) -> dict[str, Any]:
    """Give every figure."""
    return {
        "plan": asdict(course.plan),
        "away": AWAY,
        "looks": [asdict(look) for look in course.looks],
        "verdicts": [asdict(verdict) for verdict in judged(course)],
    }


def heading(plan: Plan) -> str:
    """Say what is to be done."""
    away = ", ".join(f"{begin:.0%} to {end:.0%} ({mode})" for begin, end, mode in AWAY)
    return (
        f"{plan.hours:g} hours at {plan.speed:g} times the speed of life, {plan.seconds / 60:.1f} min: "
        f"{plan.readings} readings, {plan.windows} windows;\n"
        f"the backend ({' '.join(FAILURES)}) is away from {away}"
    )


def table(course: Course) -> str:
    """Lay out what each process held, and how large its files were: each tenth's medians, and the most that waited."""
    blocks = [_block(name, COLUMNS, _process(course, name)) for name in PROCESSES]
    return "\n\n".join(
        [
            *blocks,
            _block("spool, then the backend's database", SIZES, [_size(tenth) for tenth in course.tenths]),
        ]
    )


def _block(name: str, columns: str, rows: Sequence[str]) -> str:
    numbered = (f"{number:>5}{row}" for number, row in enumerate(rows, 1))
    return "\n".join([name, f"tenth{columns}", *numbered])


def _process(course: Course, process: str) -> list[str]:
    held = usages(course, process)
    figures: list[tuple[str, Callable[[Usage], float]]] = [
        ("8.2f", lambda usage: usage.rss),
        ("8.2f", lambda usage: usage.pss),
        ("8.2f", lambda usage: usage.anonymous),
        ("5g", lambda usage: usage.descriptors),
        ("9g", lambda usage: usage.threads),
    ]
    columns = [[format(each, form) for each in medians(held, figure)] for form, figure in figures]
    columns.append([f"{spent:9.2f}" for spent in cpu_us(course, process)])
    return ["".join(row) for row in zip(*columns, strict=True)]


def _size(tenth: Sequence[Look]) -> str:
    last = tenth[-1]
    used = median(look.spool.used for look in tenth)
    each = last.database.pages * PAGE / last.stored if last.stored else 0
    return (
        f"{max(look.waiting for look in tenth):>9}{max(look.spool.pages for look in tenth):>7}{used:>6g}"
        f"{max(look.spool.log for look in tenth) / 1024:>9.0f}"
        f"{last.stored:>10}{last.database.pages:>7}{each:>10.0f}"
    )
