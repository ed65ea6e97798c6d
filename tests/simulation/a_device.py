"""The real sampling, keeping and spool in a test's hands, with a diary of what truly happens."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event

from sampler.device.adc import Adc
from sampler.device.assembly import Parts, build
from sampler.device.clock import Clock
from sampler.device.config import ClockConfig, Config, SensorConfig, SpoolConfig, WindowConfig
from sampler.device.machine import Machine
from sampler.device.sources import BadReading, Ended, NoValue
from simulation.diary import ENDED, NO_VALUE, NS, Backend, Device, Ending, Given, Life, Settings, Stored
from simulation.oracle import Product, Violation, judge
from simulation.oracle.product import from_entry

NOON = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * NS


class Clocks(Clock):
    """Nobody sleeps on them."""

    def __init__(self, device: "ADevice") -> None:
        self._device = device
        self.boot_id = device.boot

    def monotonic(self) -> int:
        return self._device.now

    def offset(self) -> int:
        return self._device.offset


class Codes:
    """What the test lets the sensor give."""

    def __init__(self, device: "ADevice") -> None:
        self._device = device

    def read(self) -> int:
        device = self._device
        one = next(device.answers)
        device.life.asked.append(device.now)
        device.life.given.append(one)
        if one == ENDED:
            raise Ended("no more")
        if one == NO_VALUE:
            raise NoValue
        if isinstance(one, str):
            raise BadReading(one, "as the test would have it")  # type: ignore[arg-type]
        return one

    def close(self) -> None:
        pass


class TheMachine(Machine):
    """What the daemon stands on."""

    def __init__(self, device: "ADevice") -> None:
        super().__init__()
        self._device = device

    def clock(self, stop: Event) -> Clock:
        return Clocks(self._device)

    def source(self, config: SensorConfig) -> Codes:
        return Codes(self._device)


class ADevice:
    """A device whose daemon begins, runs and ends as the test says."""

    def __init__(self, folder: Path, answers: Iterator[Given], settings: Settings) -> None:
        self.answers, self.settings = answers, settings
        self.diary = Device("a device")
        self.backend = Backend()
        self.rows: list[Stored] = []
        self.now, self.offset = 1_000 * NS, NOON - 1_000 * NS
        self.boot = "boot-1"
        self.keeps = True
        """Whether the disk takes what it is given."""
        self._path = folder / "spool.db"
        self._parts: Parts | None = None

    @property
    def life(self) -> Life:
        return self.diary.lives[-1]

    @property
    def parts(self) -> Parts:
        assert self._parts is not None
        return self._parts

    def begin(self) -> None:
        wall = [(self.now, self.offset)]
        self.diary.begin(Life(self.boot, self.settings, self.now, wall=wall))
        self._parts = build(self._config(), TheMachine(self))
        self._keep()

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        sampling, end = self.parts.sampling, self.now + round(seconds * NS)
        while sampling.window.deadline <= end:
            self.now = max(self.now, sampling.window.deadline)
            sampling.tick()
            self._keep()
        self.now = max(self.now, end)

    def stand_still(self, seconds: float) -> None:
        """Let time pass in which nothing is done."""
        self.now += round(seconds * NS)

    def step(self, seconds: float) -> None:
        """Set the wall clock."""
        self.offset += round(seconds * NS)
        self.life.wall.append((self.now, self.offset))

    def refuse(self, seconds: float) -> None:
        """Let time pass in which the disk takes nothing."""
        self.keeps, since = False, self.now
        self.run(seconds)
        self.keeps = True
        self.life.trouble.append((since, self.now))

    def stop(self) -> None:
        stop = Event()
        stop.set()
        self.parts.sampling.run(stop)
        self._keep()
        self._end("stopped")

    def die(self, how: Ending = "killed") -> None:
        self._end(how)

    def reboot(self, seconds: float, wall_s: float = 0.0) -> None:
        """Boot again after a while, with a wall clock that is so far from the truth."""
        wall = self.now + self.offset + round((seconds + wall_s) * NS)
        self.boot = f"boot-{int(self.boot.split('-')[1]) + 1}"
        self.now = 20 * NS
        self.offset = wall - self.now

    def deliver(self, share: float, luck: Random) -> None:
        """Let some of what waits reach the backend."""
        there = [one for one in self.parts.spool.entries("waiting") if luck.random() < share]
        self.rows += map(from_entry, there)
        self.parts.spool.delivered([one.sequence for one in there], datetime(2026, 3, 2, tzinfo=UTC))

    def verdict(self) -> list[Violation]:
        product = Product.of(self.parts.spool, self.rows)
        self.parts.spool.close()
        return judge(self.diary, product, self.backend)

    def _keep(self) -> None:
        handoff, keeping = self.parts.handoff, self.parts.keeping
        handoff.close()  # so that `next` never waits
        while self.keeps and (event := handoff.next()) is not None:
            assert keeping.keep(event)

    def _end(self, how: Ending) -> None:
        self.life.end(self.now, how)
        self.parts.spool.close()

    def _config(self) -> Config:
        of = self.settings
        return Config(
            sensor=SensorConfig(name="a-device", period_s=of.period / NS),
            adc=Adc(bits=of.bits, min_c=of.min_c, max_c=of.max_c),
            window=WindowConfig(length_s=of.length / NS, align=of.align, journal_s=of.journal / NS),
            spool=SpoolConfig(self._path, of.most),
            clock=ClockConfig(of.patience / NS),
        )
