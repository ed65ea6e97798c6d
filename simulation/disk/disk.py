"""A machine's disk, from one of its processes to the next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from simulation.disk.faults import Faults
from simulation.disk.places import Places
from simulation.disk.rot import BadSectors, rot
from simulation.disk.unsynced import Unsynced
from simulation.disk.volume import Crash, SimulatedVolume

OnStep = Callable[[str, float], None]
"""Lets time pass: the kind of a step, and how many seconds it takes."""


class Disk:
    """One disk, for one process at a time, in one thread.

    `folder` is where its files are for everybody; what it stands for changes with every life. `lost_power`: whether
    the last life ended so. `injected` counts what was done to it, by name.
    """

    def __init__(self, folder: Path, rng: Random) -> None:
        """Begin empty. The folder must not be there yet, or hold nothing; others beside it are used, too."""
        self.folder = folder
        self.lost_power = False
        self.faults = Faults(rng, self._look_out)
        self.injected = self.faults.injected
        self.bad_sectors = BadSectors()
        self.unsynced: Unsynced | None = None
        self.places = Places(folder)
        self._rng = rng
        self._volume: SimulatedVolume | None = None
        self._on_step: OnStep | None = None
        self._hour: _Hour | None = None

    # Its processes.

    def mount(
        self, on_step: OnStep | None = None, now: Callable[[], datetime] | None = None
    ) -> SimulatedVolume:
        """Give the disk to a new process; one that still has it is no more.

        Steps that take time tell `on_step`, in which the process may be killed. `now`: what time it is, UTC.
        """
        if self._volume and not self._volume.dead:
            self._end_life(self.places.contents())
        self._on_step = on_step
        self._volume = SimulatedVolume(self, now)
        self._look_out()
        return self._volume

    def kill(self) -> None:
        """End the process; what it has written stays."""
        self.injected["kill"] += 1
        self.lost_power = False
        self._end_life(self.places.contents())

    def cut_power(self) -> None:
        """End the process and the machine; what has not been synced since `watch` or the arming stays or not."""
        self.injected["power cut"] += 1
        self.lost_power = True
        unsynced, self.unsynced = self.unsynced, None
        left = unsynced.after_a_cut(self.places.files(), self._rng) if unsynced else self.places.contents()
        self._end_life(left)
        if self._hour:
            self.watch()

    def _end_life(self, left: dict[str, bytes]) -> None:
        if self._volume:
            self._volume.end()
        moved = self.places.renew(left)
        self.bad_sectors.moved(moved)
        if self.unsynced:
            self.unsynced.moved(moved)

    # Its ends, when they are to come at a step.

    def watch(self) -> None:
        """Remember from now on what no sync has made last, until the power is cut."""
        self.unsynced = self.unsynced or Unsynced(self.places)
        self._look_out()

    def arm_kill(self, steps: int, *kinds: str) -> None:
        """Kill the process instead of its next step but so many; only steps of these kinds count, if any is named."""
        self._hour = _Hour(self.kill, 0, steps, kinds)
        self._look_out()

    def arm_power_cut(self, syncs: int, steps: int, *kinds: str) -> None:
        """Cut the power likewise, counting after so many syncs."""
        self._hour = _Hour(self.cut_power, syncs, steps, kinds)
        self.watch()

    def disarm(self) -> None:
        """Let no end come at a step, and remember nothing for one."""
        self._hour = self.unsynced = None
        self._look_out()

    # Its faults. Those that are named here are as bad as chance wants it; `faults` has them one by one.

    def fail(self, how: str) -> None:
        """Be "full", "read-only" or "slow", or have "errors", until it is mended."""
        self.faults.begin(how)

    def mend(self) -> None:
        """Refuse nothing any more. What is rotten stays so."""
        self.faults.clear()

    def rot(self) -> bool:
        """Spoil a place in some file; False if there is none."""
        files = [path for name, path in self.places.files().items() if path.stat().st_size and _matters(name)]
        if files:
            self.injected[rot(self._rng.choice(files), self.bad_sectors, self._rng)] += 1
            self._look_out()
        return bool(files)

    def spoil(self, name: str, at: int) -> None:
        """Let the sector of a file around this place be unreadable."""
        self.bad_sectors.spoil(self.folder / name, self._rng, at)
        self._look_out()

    # What its volumes ask.

    def step(self, kind: str) -> int:
        """Do what was armed for a step. Give the system's number of the error it fails with, 0 if it does not."""
        volume = self._volume
        seconds = self.faults.delay(kind)
        if seconds and self._on_step:
            self._on_step(kind, seconds)
        if volume and not volume.dead and self._hour and self._hour.has_come(kind):
            hour, self._hour = self._hour, None
            hour.end()
        if volume is None or volume.dead:
            raise Crash
        return self.faults.strike(kind)

    def look(self, inode: int, offset: int, length: int) -> int:
        """Give the system's number of the error that a read fails with, 0 if it does not."""
        return self.faults.strike("read", certain=self.bad_sectors.among(inode, offset, length))

    def _look_out(self) -> None:
        if self._volume and not self._volume.dead:
            self._volume.alert = bool(self._hour or self.unsynced or self.faults or self.bad_sectors)


@dataclass(slots=True)
class _Hour:
    """When a life ends, and how: after so many syncs, and then so many steps of these kinds (of any, if none)."""

    end: Callable[[], None]
    syncs: int
    steps: int
    kinds: tuple[str, ...]

    def has_come(self, kind: str) -> bool:
        """Count a step that is about to be made."""
        if self.syncs:
            self.syncs -= kind == "sync"
        elif not self.kinds or kind in self.kinds:
            self.steps -= 1
        return self.steps < 0


def _matters(name: str) -> bool:
    return not name.endswith(("-shm", ".lock")) and ".damaged" not in name
