"""A simulated machine with a sensor, a disk, two clocks and a network, on which the daemon lives again and again."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

from sampler.device.config import Config
from sampler.device.spool import SpoolMisplaced
from sampler.measurement import from_nanoseconds
from simulation import diary
from simulation.disk import Disk
from simulation.life import Life
from simulation.network import Network
from simulation.sensor import Sensor
from simulation.world import NS, World

NOON = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * NS
"""The true wall time at the beginning of every world, ns since 1970."""
_BOOT_S = 7.0
_RESTART_S = 5.0
"""As the unit has it: RestartSec."""


class Device:
    """What outlives the daemon, and what the weather does to it."""

    def __init__(self, world: World, config: Config, folder: Path, network: Network) -> None:
        self.world, self.config, self.network = world, config, network
        name = config.sensor.name
        self._luck = world.luck(f"{name} device")
        self.sensor = Sensor(world.luck(f"{name} sensor"), config.adc.full_scale)
        self.disk = Disk(folder / "disk", world.luck(f"{name} disk"))
        self.diary = diary.Device(name)
        self.settings = _settings(config)
        self.defects: list[str] = []
        """What the daemon died of, though nobody killed it."""
        self.life: Life | None = None
        self.suspended_until = 0
        self.late = 0.0
        """The share of ticks that come late, because the machine has other work."""
        self.clock_at_boot = 0
        """How far from the truth the wall clock is at the next boot, ns."""
        self.unsafe = self._luck.random() < 0.5
        """Whether a power cut at any time takes what was not synced; it costs time, so not in every world."""
        self.retired = False
        """Whether nobody starts the daemon any more."""
        self._boots = 0
        self._boot()

    # Its clocks.

    def monotonic(self) -> int:
        """Nanoseconds since this boot, and some more."""
        return self.world.now - self._booted

    def wall(self) -> datetime:
        """Give what the wall clock shows."""
        return from_nanoseconds(self.monotonic() + self.offset)

    def instant_of(self, monotonic: int) -> int:
        """Say when it is that, in the world's time."""
        return self._booted + monotonic

    def step(self, seconds: float) -> None:
        """Set the wall clock, so many seconds from where it is."""
        self._set(self.offset + round(seconds * NS))

    def set_right(self) -> None:
        """Set the wall clock to the truth."""
        self._set(NOON + self._booted)

    def _set(self, offset: int) -> None:
        self.offset = offset
        if self.life and self.life.diary.boot_id == self.boot_id:  # else its successor is yet to begin
            self.life.diary.wall.append((self.monotonic(), offset))

    def lateness(self) -> int:
        """Say by how much the next tick will be late, ns."""
        if not self.late or self._luck.random() >= self.late:
            return 0
        self.world.faults["tick late"] += 1
        return round(self._luck.expovariate(1 / (2 * self.settings.period)))

    # Its daemon.

    def start(self) -> None:
        """Start the daemon, once nothing is left of the one before."""
        if self.life is None or (self.life.alive is False and self.life.frames == 0):
            self.suspended_until = 0  # that was the former process
            self.life = life = Life(self)
            if self.unsafe:
                self.disk.watch()
            try:
                life.begin()
            except (SpoolMisplaced, ValueError) as error:
                self.failed(life, error)
        elif not self.life.alive:
            self.world.after(0.1, self.start)

    def stop(self) -> None:
        """Stop the daemon in order; systemd starts it again."""
        if self.is_running and self.life:
            self.life.stop()

    def kill(self) -> None:
        """End the daemon's process at once; systemd starts it again."""
        if self.is_running and self.life:
            self.disk.kill()
            self.ended(self.life, "killed")

    def cut_power(self) -> None:
        """End the machine at once; it is booted again."""
        if self.life and self.life.alive:
            self.disk.cut_power()
            self.ended(self.life, "power")

    @property
    def is_running(self) -> bool:
        """Whether the daemon runs, and is not about to end."""
        return self.life is not None and self.life.alive and not self.life.stopping

    def died(self, life: Life) -> None:
        """See what the disk has done to a life that it was armed against."""
        self.ended(life, "power" if self.disk.lost_power else "killed")

    def failed(self, life: Life, error: Exception) -> None:
        """Note a defect: the daemon ended by itself."""
        self.defects.append(
            f"{self.diary.name}: the daemon died: {''.join(traceback.format_exception(error, limit=-3))}"
        )
        if life.alive:
            self.disk.kill()
            self.ended(life, "killed")

    def ended(self, life: Life, how: diary.Ending) -> None:
        """Have the next life begin a while after the end of one."""
        life.die(how)
        if self.retired:
            return
        if how == "power":
            self.world.after(_BOOT_S + self._pause(), self._boot)
        else:
            self.world.after(_RESTART_S + self._pause(), self.start)

    def _pause(self) -> float:
        return self._luck.uniform(0.0, 600.0) if self._luck.random() < 0.2 else 0.0

    def _boot(self) -> None:
        self._boots += 1
        self.boot_id = f"boot-{self._boots}"
        self._booted = self.world.now - 20 * NS
        self.offset = NOON + self._booted + self.clock_at_boot
        self.start()

    def suspend(self, seconds: float) -> None:
        """Let the process stand still, as SIGSTOP or a hypervisor does."""
        self.suspended_until = max(self.suspended_until, self.world.now + round(seconds * NS))


def _settings(config: Config) -> diary.Settings:
    return diary.Settings(
        length=round(config.window.length_s * NS),
        period=round(config.sensor.period_s * NS),
        journal=round(config.window.journal_s * NS),
        patience=round(config.clock.wait_s * NS),
        align=config.window.align,
        bits=config.adc.bits,
        min_c=config.adc.min_c,
        max_c=config.adc.max_c,
        most=config.spool.max_measurements,
    )
