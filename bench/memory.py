"""A day of the daemon in minutes: what its memory does. `python -m bench.memory HOURS`, in a process of its own.

The real sampling, keeping, spool and delivery, one after the other; the clock alone is simulated. The backend is a real
one that fails four times in ten. Prints a line of JSON.
"""

import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from threading import Event

from bench.contestants import REPOSITORY, rss
from sampler.device.adc import Adc
from sampler.device.bell import Bell
from sampler.device.client import Client
from sampler.device.clock import NS, Timeline
from sampler.device.config import BackendConfig, RetryConfig
from sampler.device.delivery import Delivery
from sampler.device.handoff import Event as Handed
from sampler.device.handoff import Handoff
from sampler.device.keeping import Keeping
from sampler.device.notify import Notifier
from sampler.device.sampling import Plan, Sampling
from sampler.device.sensor import Sensor
from sampler.device.sources.file import FileSource
from sampler.device.spool import Spool
from tests.backend_process import BackendProcess
from tests.device.fake_clock import FakeClock

PLAN = Plan(adc=Adc(), length=120 * NS, period=NS // 10, journal=10 * NS, wait=600 * NS, stuck=600 * NS)
PARTS = 10


class SimulatedBell(Bell):
    """Does not wait: the simulated clock goes on with the ticks alone."""

    def wait(self, seconds: float | None) -> bool:  # noqa: ARG002 - the real one's signature
        """Tell whether it rang."""
        return super().wait(0)


class AtOnce(Handoff):
    """Has each event kept, and what it made delivered, before the next tick."""

    keeping: Keeping

    def put(self, event: Handed) -> None:
        """Add an event, and do with it what the other flows would."""
        super().put(event)
        handed = self.next()
        if handed is None or not self.keeping.keep(handed):
            raise RuntimeError("the disk refuses")


def simulate(hours: float, folder: Path, url: str) -> dict[str, float]:
    """Run so many hours; give the memory in MiB on the way, and what was delivered."""
    clock, spool, handoff = FakeClock(), Spool(folder / "spool.db", 262_800), AtOnce()
    client = Client(BackendConfig(url=url), "bench")
    delivery = Delivery(spool, client, RetryConfig(), clock, SimulatedBell(Event()))
    handoff.keeping = Keeping(handoff, spool, lambda _: True, delivery.round)
    sensor = Sensor(FileSource(REPOSITORY / "data/temperature.txt"), PLAN.adc)
    sampling = Sampling(
        plan=PLAN, sensor=sensor, clock=clock, timeline=Timeline(0), handoff=handoff, notifier=Notifier()
    )
    resident = []
    for _ in range(PARTS):
        for _ in range(round(hours * 36_000 / PARTS)):
            clock.sleep_until(sampling.window.deadline)
            sampling.tick()
        resident.append(rss(os.getpid()))
    status = spool.status()
    delivery.close()
    sampling.close()
    spool.close()
    return {
        "hours": hours,
        "after_first_tenth": resident[0],
        "half_way": resident[PARTS // 2 - 1],
        "highest": max(resident),
        "at_the_end": resident[-1],
        "windows": status.sequence,
        "delivered": status.delivered,
    }


def main() -> None:
    logging.getLogger("sampler").setLevel(logging.ERROR)  # it tells of each outage, and there are hundreds
    with tempfile.TemporaryDirectory() as name, BackendProcess(Path(name), "--fail-rate", "0.4") as backend:
        print(json.dumps(simulate(float(sys.argv[1]), Path(name), backend.url)))


if __name__ == "__main__":
    main()
