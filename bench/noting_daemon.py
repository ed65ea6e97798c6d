"""`sampler run`, but for one thing: its source notes when each reading is made. `python -m bench.noting_daemon`.

Takes `section.key=value` arguments, and prints as loop.c does when it has been stopped.
"""

import signal
import sys
import time
from array import array
from collections.abc import Callable

from sampler.device import logs
from sampler.device.assembly import build
from sampler.device.config import SensorConfig
from sampler.device.daemon import SIGNALS, Daemon
from sampler.device.lock import SpoolLock
from sampler.device.machine import Machine
from sampler.device.sensor import Source
from sampler.device.settings import load

MOST = 36_000


class Noting:
    """A source that notes, for each reading, when it was due and when it is made; into memory it has already."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.deadline: Callable[[], int] = lambda: 0
        self.due = array("q", bytes(8 * MOST))
        self.made = array("q", bytes(8 * MOST))
        self.count = 0

    def read(self) -> int:
        """Note the instant, and read."""
        self.made[self.count] = time.monotonic_ns()
        self.due[self.count] = self.deadline()
        self.count += 1
        return self._source.read()

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def ticks(self, period: int) -> list[tuple[int, int]]:
        """Give due and lateness. A reading after ticks that were skipped is late for the first of them."""
        expected = [self.due[0], *(due + period for due in self.due[: self.count - 1])]
        return [(due, made - due) for due, made in zip(expected, self.made, strict=False)]


class NotingMachine(Machine):
    """As it is, with a source that notes."""

    def source(self, config: SensorConfig) -> Source:
        """Open the source, once."""
        self.noting = Noting(super().source(config))
        return self.noting


def main() -> None:
    config = load(overrides=sys.argv[1:])
    logs.configure(config.log.level, config.log.format, sys.stderr)
    # From here on what `daemon.run` does.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    with SpoolLock(config.spool.path):
        machine = NotingMachine()
        parts = build(config, machine)
        machine.noting.deadline = lambda: parts.sampling.window.deadline
        Daemon(parts, lambda: config, None).run()
    period = parts.sampling.window.period
    sys.stdout.writelines(f"{due} {late}\n" for due, late in machine.noting.ticks(period))


main()
