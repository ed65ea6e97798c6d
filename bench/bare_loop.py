"""The least that ticking costs in Python: `python bench/bare_loop.py MS`, as loop.c, until SIGTERM."""

import signal
import sys
import time

NS = 1_000_000_000


def main() -> None:
    period = int(sys.argv[1]) * NS // 1000
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    ticks: list[tuple[int, int]] = []
    deadline = time.monotonic_ns()
    while not stopped:
        deadline += period
        time.sleep(max(0, deadline - time.monotonic_ns()) / NS)
        ticks.append((deadline, time.monotonic_ns() - deadline))
    sys.stdout.writelines(f"{due} {late}\n" for due, late in ticks)


main()
