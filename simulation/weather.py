"""What goes wrong in a world, and when: each seed has a climate of its own, in which some things never happen.

Leaving out at random finds more than doing everything everywhere: https://dl.acm.org/doi/10.1145/2338965.2336763.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random

from sampler.backend.settings import CannotStart
from sampler.backend.store import StoreUnavailable
from simulation.backend import Backend, Refused, Reset
from simulation.device import NOON, Device
from simulation.diary import Stored
from simulation.disk import Disk
from simulation.network import LOST, STATUSES, STORED
from simulation.reporter import Reporter
from simulation.sensor import MOODS
from simulation.world import NS, World

_ALL_WAYS = (*LOST, *STORED, *map(str, STATUSES))
_DAY_S = 86_400.0


def come(world: World, luck: Random, name: str, fault: Callable[[], None], mean_s: float) -> None:
    """Let a fault happen again and again, on average every so many seconds in a storm, until the world is calm."""

    def happen() -> None:
        if not world.calm:
            world.faults[name] += 1
            fault()
            come(world, luck, name, fault, mean_s)

    world.after(luck.expovariate(1 / (mean_s * world.mildness)), happen)


class Weather:
    """Lets each kind of fault of its climate happen again and again, until the world is calm."""

    def __init__(self, world: World, device: Device) -> None:
        self._world, self._device = world, device
        self._luck = luck = world.luck(f"{device.diary.name} weather")
        faults: dict[str, Callable[[], None]] = {
            "kill": device.kill,
            "kill at a step": lambda: device.disk.arm_kill(luck.randrange(1, 40)),
            "power cut": device.cut_power,
            "power cut at a step": self._power_cut_at_a_step,
            "stop": device.stop,
            "suspend": lambda: device.suspend(self._length() * luck.choice((0.01, 0.3, 3.0))),
            "late ticks": self._late_ticks,
            "clock step forward": lambda: device.step(luck.choice((0.5, 60.0, 3600.0, _DAY_S))),
            "clock step back": lambda: device.step(-luck.choice((0.2, 1.0, 30.0, 59.0, 3600.0, _DAY_S))),
            "clock there and back": self._there_and_back,
            "leap second": lambda: device.step(-1.0),
            "clock set right": device.set_right,
            "drift": lambda: device.step(luck.uniform(-0.08, 0.08)),
            "boot in 1970": self._boot_in_1970,
            "sensor": self._sensor,
            "network": self._network,
            "disk full": lambda: self._disk("full"),
            "disk errors": lambda: self._disk("errors"),
            "disk read-only": lambda: self._disk("read-only"),
            "disk slow": lambda: self._disk("slow"),
            "rot": self._rot,
        }
        for name in luck.sample(sorted(faults), luck.choice((1, 2, 3, 5, 8, 13))):
            come(world, luck, name, faults[name], self._length() * luck.choice((15.0, 50.0, 150.0)))
        if luck.random() < 0.2:
            device.network.poisonous = luck.choice((0.01, 0.1))
        device.network.wants_avg = luck.random() < 0.2

    def _length(self) -> float:
        return self._device.settings.length / NS

    def _for_a_while(self, end: Callable[[], None], windows: float = 3.0) -> None:
        self._world.after(self._luck.expovariate(1 / (windows * self._length())), end)

    def _power_cut_at_a_step(self) -> None:
        self._device.disk.arm_power_cut(self._luck.randrange(0, 6), self._luck.randrange(0, 12))

    def _late_ticks(self) -> None:
        self._device.late = self._luck.choice((0.01, 0.2))
        self._for_a_while(self._on_time)

    def _on_time(self) -> None:
        self._device.late = 0.0

    def _there_and_back(self) -> None:
        self._device.step(self._luck.choice((-1, 1)) * self._luck.choice((600.0, _DAY_S)))
        self._for_a_while(self._device.set_right)

    def _boot_in_1970(self) -> None:
        device = self._device
        device.clock_at_boot = -NOON - self._world.now

        def set_right() -> None:
            device.clock_at_boot = 0
            device.set_right()

        device.cut_power()
        self._for_a_while(set_right)

    def _sensor(self) -> None:
        self._device.sensor.mood = self._luck.choice(MOODS)
        self._for_a_while(self._sensor_mends)

    def _sensor_mends(self) -> None:
        self._device.sensor.mood = ""

    def _network(self) -> None:
        network = self._device.network
        network.mood = tuple(self._luck.sample(_ALL_WAYS, self._luck.randrange(1, 6)))
        network.often = self._luck.choice((0.2, 0.6, 1.0))
        self._for_a_while(self._network_mends, 6.0)

    def _network_mends(self) -> None:
        self._device.network.mood = ()

    def _disk(self, how: str) -> None:
        self._device.disk.fail(how)
        self._for_a_while(self._device.disk.mend, 1.0)

    def _rot(self) -> None:
        device = self._device
        if device.disk.rot() and device.diary.lives:
            device.diary.lives[-1].rot.append(device.monotonic())

    def clear(self) -> None:
        """Mend everything; what has been done stays done."""
        device = self._device
        self._network_mends()
        self._sensor_mends()
        self._on_time()
        device.disk.mend()
        device.disk.disarm()
        device.clock_at_boot = 0
        device.set_right()


class BackendWeather:
    """What befalls the backend, over whose disk it has the say; also its supervisor, who starts it again."""

    def __init__(
        self,
        world: World,
        backend: Backend,
        disk: Disk,
        clients: tuple[Sequence[Device], Reporter],
        backups: Path,
    ) -> None:
        self._world, self._backend, self._disk = world, backend, disk
        self._devices, self._reporter = clients
        self._backups = backups
        self._taken: list[tuple[Path, Callable[[], None]]] = []
        self._not_before = 0
        self._luck = luck = world.luck("backend weather")
        hour = 3600.0
        for name, fault in {
            "backend stopped": self._stop,
            "backend killed": self._kill,
            "backend killed at a step": lambda: disk.arm_kill(luck.randrange(1, 60)),
            "backend unplugged": self._unplug,
            "backend unplugged at a step": self._unplug_at_a_step,
            "backend's disk full": lambda: self._fail("full"),
            "backend's disk errors": lambda: self._fail("errors"),
            "backend's disk read-only": lambda: self._fail("read-only"),
            "backend backed up": self._back_up,
            "backend restored": self._restore,
        }.items():
            if luck.random() < 0.4:
                come(world, luck, name, fault, hour * luck.choice((0.3, 1.0, 4.0)))
        self._supervise()

    def _stop(self) -> None:
        self._backend.stop()
        self._away()

    def _kill(self) -> None:
        self._disk.kill()
        self._backend.crash()
        self._away()

    def _unplug(self) -> None:
        self._disk.cut_power()
        self._backend.crash()
        self._away()

    def _unplug_at_a_step(self) -> None:
        self._disk.arm_power_cut(self._luck.randrange(0, 6), self._luck.randrange(0, 12))

    def _away(self) -> None:
        self._not_before = self._world.now + round(self._luck.choice((1.0, 60.0, 3600.0)) * NS)

    def _supervise(self) -> None:
        if self._world.now >= self._not_before:
            self._start()
        self._world.after(60.0, self._supervise)

    def _start(self) -> None:
        if not self._backend.is_up:
            with suppress(Reset, CannotStart, StoreUnavailable):
                self._backend.start()

    def _fail(self, how: str) -> None:
        self._disk.fail(how)
        self._world.after(self._luck.expovariate(1 / 600), self._disk.mend)

    def _back_up(self) -> None:
        if self._reporter.pending:
            return  # nobody could say what a restore would bring back
        file = self._backups / f"backup-{len(self._taken)}"
        with suppress(Reset, Refused, StoreUnavailable):
            self._backend.backup(file)
            self._taken.append((file, self._reporter.snapshot()))

    def _restore(self) -> None:
        """Put a backup in the database's place: what came since is gone, and nobody sends it again."""
        if not self._taken:
            return
        self._disk.disarm()
        self._disk.mend()
        self._backend.stop()
        before = [self._stored(device) for device in self._devices]
        file, remember = self._luck.choice(self._taken)
        self._backend.restore(file)
        remember()
        self._start()
        for device, there in zip(self._devices, before, strict=True):
            left = self._stored(device)
            device.network.diary.restored.update((key, one) for key, one in there.items() if key not in left)

    def _stored(self, device: Device) -> dict[str, Stored]:
        return {one.key: one for one in self._backend.measurements(device.diary.name)}

    def clear(self) -> None:
        """Mend everything, and see to it that it runs."""
        self._disk.mend()
        self._disk.disarm()
        self._backend.stop()
        self._backend.settings = replace(self._backend.settings, fail_rate=0.0, fail_after=0.0)
        self._not_before = 0
        self._start()
