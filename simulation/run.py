"""One seed: a world with devices and a backend, storms over it, calm, and the oracle's word."""

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sampler.backend.settings import Settings
from sampler.device.spool import Spool
from simulation import climate, oracle
from simulation.backend import Backend
from simulation.device import Device
from simulation.disk import Disk, seed_sqlite
from simulation.network import Network
from simulation.reporter import Reporter
from simulation.weather import BackendWeather, Weather
from simulation.world import NS, World

WINDOWS = 500
"""About so many windows are measured in one world."""


@dataclass(slots=True)
class Report:
    """What has come of one seed."""

    seed: int
    windows: int = 0
    delivered: int = 0
    dropped: int = 0
    lives: int = 0
    device_s: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


def run(seed: int, folder: Path | None = None) -> Report:
    """Simulate one seed, in `folder` or somewhere in memory."""
    random.seed(seed)  # tenacity's jitter is drawn from it
    seed_sqlite(Random(f"{seed} sqlite"))
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of its own is made in it
    with TemporaryDirectory(prefix="sampler-simulation-", dir=memory) as name:
        return Simulation(seed, folder or Path(name)).run()


class Simulation:
    """A world of one seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.world = World(seed)
        self._luck = luck = self.world.luck("simulation")
        self._folder = folder
        self._disk = Disk(folder / "backend", self.world.luck("backend disk"))
        self.backend = Backend(
            Settings(
                database=f"sqlite:///{folder}/backend/backend.db",
                fail_rate=luck.choice((0.0, 0.1, 0.4)),
                fail_after=luck.choice((0.0, 0.1)),
                seed=seed,
            ),
            mount=self._disk.mount,
            monotonic=lambda: self.world.now / NS,
            short=luck.random() < 0.9,
        )
        self.devices = [self._device(f"device-{number}") for number in range(luck.choice((1, 1, 1, 2, 3)))]
        self._weathers = [Weather(self.world, device) for device in self.devices]
        self._reporter = Reporter(
            self.world, self.backend, self.world.luck("reporter"), luck.choice((600.0, 3600.0))
        )
        self._backend_weather = BackendWeather(
            self.world, self.backend, self._disk, (self.devices, self._reporter), folder
        )

    def _device(self, name: str) -> Device:
        folder = self._folder / name
        folder.mkdir()
        network = Network(self.world, self.backend, self.world.luck(f"{name} network"))
        return Device(
            self.world, climate.config(name, folder, self.world.luck(f"{name} climate")), folder, network
        )

    def run(self) -> Report:
        """Let it storm, then be calm, and have it judged."""
        lengths = [device.settings.length / NS for device in self.devices]
        self.world.wait(WINDOWS / sum(1 / length for length in lengths))
        self._calm(max(lengths))
        report = Report(self.world.seed, faults=self.world.faults)
        for device in self.devices:
            self._judge(device, report)
        report.violations += map(str, self._reporter.judge())
        report.violations += self.backend.defects
        report.violations += map(str, self.backend.verify())
        report.device_s = self.world.now / NS * len(self.devices)
        return report

    def _calm(self, longest_s: float) -> None:
        world = self.world
        world.calm = True
        self._backend_weather.clear()
        for weather in self._weathers:
            weather.clear()
        patience = max(device.config.clock.wait_s for device in self.devices)
        # Who was asked to be left alone is asked again, clocks are waited for, the rest goes with the next window.
        world.wait(1800.0 + patience + 5 * longest_s)
        for device in self.devices:
            device.retired = True
            device.stop()
        world.wait(60.0)

    def _judge(self, device: Device, report: Report) -> None:
        spool = Spool(device.config.spool.path, device.config.spool.max_measurements)
        try:
            product = oracle.Product.of(spool, self.backend.measurements(device.diary.name))
        finally:
            spool.close()
        account = product.account
        report.windows += account.produced
        report.delivered += account.delivered
        report.dropped += account.dropped
        report.lives += len(device.diary.lives)
        report.violations += [*device.defects, *device.network.defects]
        found = [
            *oracle.judge(device.diary, product, device.network.diary),
            *oracle.overdue(device.diary, product),
        ]
        report.violations += map(str, found)
