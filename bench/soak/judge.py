"""Whether anything grew, tenth by tenth. A tenth is judged by its median: single moments have requests under way."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from statistics import median
from typing import TypeVar

from bench.soak.course import PARTS, Course, Look
from bench.soak.usage import Usage
from bench.soak.verdict import Verdict

MEMORY_MIB = 1.0
CONNECTIONS = 1
"""A tenth in which the backend was away has a connection less, at both ends."""
CPU = 1.5
"""So many times as much may the same work cost: as much as other work on the machine changes its caches and clock.
What grows with each window would be five times as much in the last tenth as in the second."""
PAGES = 2
"""So much may the open window and the ledger's last ranges come and go."""
LOG_LIMIT = 2 * 250 * 4096
"""To this the spool has its write-ahead log cut, bytes."""

T = TypeVar("T")
PROCESSES: dict[str, Callable[[Look], Usage]] = {
    "sampler run": lambda look: look.daemon,
    "sampler backend": lambda look: look.backend,
}


def medians(tenths: Sequence[Sequence[T]], figure: Callable[[T], float]) -> list[float]:
    """Give a figure's median in each tenth."""
    return [median(map(figure, tenth)) for tenth in tenths]


def usages(course: Course, process: str) -> list[list[Usage]]:
    """Give what a process held, tenth by tenth."""
    return [[PROCESSES[process](look) for look in tenth] for tenth in course.tenths]


def cpu_us(course: Course, process: str) -> list[float]:
    """Give what a reading cost in each tenth, µs of CPU."""
    return [_cpu_us(tenth, PROCESSES[process], course.plan.readings) for tenth in course.tenths]


def _cpu_us(tenth: Sequence[Look], process: Callable[[Look], Usage], readings: int) -> float:
    first, last = tenth[0], tenth[-1]
    spent = process(last).cpu_ns - process(first).cpu_ns
    return spent / 1000 / (readings * (last.at - first.at))


def costs(course: Course) -> Iterator[Verdict]:
    """Judge memory and CPU, in which other work on the machine has a part."""
    for process in PROCESSES:
        resident = medians(usages(course, process), lambda usage: usage.rss)
        yield _flat(f"{process}: resident memory, MiB", resident, MEMORY_MIB)
        spent = cpu_us(course, process)
        words = f"{process}: CPU for a reading: {spent[1]:.1f} µs in the second tenth, {spent[-1]:.1f} in the last"
        yield Verdict(spent[-1] <= CPU * spent[1], f"{words} (to reach: {CPU:g} times as much at most)")


def holdings(course: Course) -> Iterator[Verdict]:
    """Judge what must not pile up, whatever else the machine does."""
    for process in PROCESSES:
        descriptors = medians(usages(course, process), lambda usage: usage.descriptors)
        yield _flat(f"{process}: file descriptors", descriptors, CONNECTIONS)
        threads = medians(usages(course, process), lambda usage: usage.threads)
        yield _flat(f"{process}: threads", threads, 0)
    yield from _spool(course)


def _flat(what: str, tenths: Sequence[float], band: float) -> Verdict:
    steady = tenths[1]
    off = [each - steady for each in tenths[2:]]
    words = f"{what}: {steady:.4g} in the second tenth, then {min(off):+.2g} to {max(off):+.2g}"
    return Verdict(max(map(abs, off)) <= band, f"{words} (to reach: ±{band:g})")


def _spool(course: Course) -> Iterator[Verdict]:
    first = list(chain(*course.tenths[: PARTS // 2]))
    second = list(chain(*course.tenths[PARTS // 2 :]))
    waited = [max(look.waiting for look in half) for half in (first, second)]
    yield Verdict(min(waited) > 1, f"spool: backlogs of {waited[0]} and {waited[1]} windows")
    used = medians(course.tenths, lambda look: look.spool.used)
    words = f"spool: {used[1]:g} pages in use before the first backlog, {used[-1]:g} in the last tenth"
    yield Verdict(used[-1] <= used[1] + PAGES, f"{words} (to reach: {PAGES} more at most)")
    grown, after = (max(look.spool.pages for look in half) for half in (first, second))
    words = f"spool: {grown} pages in all with the first backlog, {after} with the second"
    yield Verdict(after <= grown, f"{words} (to reach: not more)")
    log = max(look.spool.log for look in course.looks)
    yield Verdict(log <= LOG_LIMIT, f"spool: its log had at most {log} bytes (to reach: {LOG_LIMIT})")
