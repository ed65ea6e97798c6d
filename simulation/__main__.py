"""`python -m simulation`: seed after seed, until so much is simulated; `make simulate`."""

import argparse
import logging
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count, islice

from simulation.run import Report, run

YEAR_S = 365.25 * 86_400


def main() -> int:
    """Give 1 if any seed violates what is promised."""
    asked = _asked()
    seeds = _seeds(asked)
    print(f"seeds from {asked.seed[0]}; one of them again: python -m simulation --seed N --seeds 1")
    total, began = Total(), time.monotonic()
    if asked.log:
        logging.basicConfig(level=logging.DEBUG, format="%(name)s: %(message)s")
    else:
        logging.disable()  # there is much to tell, thousands of times
    for report in _reports(seeds, asked.jobs):
        total.add(report)
        for violation in report.violations:
            print(f"seed {report.seed}: {violation}")
        if asked.progress and total.seeds % 100 == 0:
            print(f"… {total.seeds} seeds, {total.windows} windows", file=sys.stderr)
        if asked.years is not None and total.device_s >= asked.years * YEAR_S:
            break
        if asked.seconds is not None and time.monotonic() - began >= asked.seconds:
            break
    print(total.text(time.monotonic() - began, asked.jobs))
    return int(bool(total.failed))


class Total:
    """The sum over all seeds."""

    def __init__(self) -> None:
        self.seeds = self.windows = self.delivered = self.dropped = self.lives = 0
        self.device_s = 0.0
        self.faults: Counter[str] = Counter()
        self.failed: list[int] = []

    def add(self, report: Report) -> None:
        """Add one seed."""
        self.seeds += 1
        self.windows += report.windows
        self.delivered += report.delivered
        self.dropped += report.dropped
        self.lives += report.lives
        self.device_s += report.device_s
        self.faults += report.faults
        if report.violations:
            self.failed.append(report.seed)

    def text(self, seconds: float, jobs: int) -> str:
        """Tell it."""
        faults = "\n".join(f"{number:>9} {name}" for name, number in sorted(self.faults.items()))
        return (
            f"{faults}\n{self.faults.total():>9} faults in all\n"
            f"{self.windows} windows of {self.device_s / YEAR_S:.2f} device-years in {self.seeds} seeds and "
            f"{self.lives} lives; {self.delivered} delivered, {self.dropped} dropped by name\n"
            f"{seconds:.0f} s, {self.windows / seconds / jobs:.0f} windows a second and core\n"
            f"{len(self.failed)} seeds with violations {self.failed[:20] or ''}"
        )


def _seeds(asked: argparse.Namespace) -> Iterator[int]:
    first, *others = asked.seed
    if others:
        return iter(asked.seed)
    return count(first) if asked.seeds is None else iter(range(first, first + asked.seeds))


def _reports(seeds: Iterator[int], jobs: int) -> Iterator[Report]:
    if jobs == 1:
        yield from map(run, seeds)
        return
    with ProcessPoolExecutor(jobs, initializer=logging.disable) as pool:
        running: set[Future[Report]] = {pool.submit(run, seed) for seed in islice(seeds, 2 * jobs)}
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {pool.submit(run, seed) for seed in islice(seeds, len(done))}
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(cancel_futures=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument(
        "--seed", type=int, action="append", help="the first seed; given several times: exactly these"
    )
    parser.add_argument("--seeds", type=int, help="how many seeds (default: until --years are simulated)")
    parser.add_argument("--years", type=float, help="how many years of one device (default: 0.02)")
    parser.add_argument("--seconds", type=float, help="begin no seed later than that")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--log", action="store_true", help="show what the product logs; with --jobs 1")
    parser.add_argument("--progress", action="store_true", help="say how far it is")
    asked = parser.parse_args()
    asked.seed = asked.seed or [secrets.randbelow(10**6) * 1000]
    if len(asked.seed) == 1 and asked.seeds is asked.years is asked.seconds is None:
        asked.years = 0.02
    return asked


if __name__ == "__main__":
    sys.exit(main())
