"""The disk of a simulated machine. Its files really lie in a folder, best on tmpfs; its faults come from one seed.

A process mounts it and has it until its end. It ends by a kill, and then everything that was written stays, or by a
power cut, and then what no sync has made last stays or not: see `unsynced`. Either end can be armed to come at a step;
that step, and whatever the dead process begins after it, raises Crash. Steps are what changes something: "create",
"write", "truncate", "sync", "rename", "delete", "sync directory".
"""

import errno
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random

import apsw

from simulation.faults import Fault, Faults
from simulation.rot import BadSectors, rot
from simulation.unsynced import Unsynced
from simulation.volume import Crash, SimulatedVolume

__all__ = ["Crash", "Disk", "seed_sqlite"]

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
        self.faults = Faults(rng)
        self.injected = self.faults.injected
        self.bad_sectors = BadSectors()
        self.unsynced: Unsynced | None = None
        self.now: Callable[[], datetime] | None = None
        self._rng = rng
        self._on_step: OnStep | None = None
        self._volume: SimulatedVolume | None = None
        self._hour: _Hour | None = None
        self._generations = count()
        self._beside("attic").mkdir(parents=True)
        if folder.is_dir():
            folder.rmdir()
        self._place = self._new_place()

    # Its processes.

    def mount(
        self, on_step: OnStep | None = None, now: Callable[[], datetime] | None = None
    ) -> SimulatedVolume:
        """Give the disk to a new process; one that still has it is no more. Steps that take time tell `on_step`."""
        if self._volume and not self._volume.dead:
            self._end_life(self._contents())
        self._on_step, self.now = on_step, now
        self._volume = SimulatedVolume(self)
        self._look_out()
        return self._volume

    def kill(self) -> None:
        """End the process; what it has written stays."""
        self.injected["kill"] += 1
        self.lost_power = False
        self._end_life(self._contents())

    def cut_power(self) -> None:
        """End the process and the machine; what has not been synced since `watch` or the arming stays or not."""
        self.injected["power cut"] += 1
        self.lost_power = True
        left = self.unsynced.after_a_cut(self._files(), self._rng) if self.unsynced else self._contents()
        self.unsynced = None
        self._end_life(left)
        if self._hour:
            self.watch()

    def watch(self) -> None:
        """Remember from now on what no sync has made last, until the power is cut."""
        if not self.unsynced:
            self.unsynced = Unsynced(self._beside("attic"))
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
        """Let no end come at a step."""
        self._hour = self.unsynced = None
        self._look_out()

    # Its faults, until they are mended.

    def fail(self, how: str) -> None:
        """Be "full", "read-only" or "slow", or have "errors", as bad as chance wants it."""
        if how == "full":
            self.fill(self._rng.randrange(64 * 1024))
        elif how == "read-only":
            self.make_read_only()
        elif how == "slow":
            self.slow(self._rng.choice((0.05, 0.5, 5.0)))
        else:
            kinds = self._rng.choice((("sync",), ("write",), ("read",), ("read", "write", "sync", "delete")))
            self.refuse(*kinds, times=None, one_in=self._rng.choice((1, 3, 30)))

    def refuse(self, *kinds: str, number: int = errno.EIO, times: int | None = 1, one_in: int = 1) -> None:
        """Fail one in so many steps of these kinds, or reads ("read"), so many times (None: for ever)."""
        self.faults.armed.append(Fault(kinds, number, times, one_in))
        self._look_out()

    def fill(self, room: int = 0) -> None:
        """Have room for so many bytes more."""
        self.faults.room = room
        self._look_out()

    def make_read_only(self) -> None:
        """Refuse every change."""
        self.faults.read_only = True
        self._look_out()

    def slow(self, seconds: float) -> None:
        """Take so long for a sync, on average."""
        self.faults.slow_s = seconds
        self._look_out()

    def mend(self) -> None:
        """Refuse nothing any more. What is rotten stays so."""
        self.faults.clear()
        self._look_out()

    def rot(self) -> bool:
        """Spoil a place in some file; False if there is none."""
        files = [path for name, path in self._files().items() if path.stat().st_size and _matters(name)]
        if files:
            self.injected[rot(self._rng.choice(files), self.bad_sectors, self._rng)] += 1
            self._look_out()
        return bool(files)

    def spoil(self, name: str, at: int) -> None:
        """Let the sector of a file around this place be unreadable."""
        self.bad_sectors.spoil(self.folder / name, self._rng, at)
        self._look_out()

    # What its volumes tell and ask.

    def step(self, kind: str) -> int:
        """Do what was armed for a step. Give the system's number of the error it fails with, 0 if it does not."""
        volume = self._volume
        if seconds := self.faults.delay(kind):
            self._take(kind, seconds)
        if volume and not volume.dead and self._hour and self._hour.has_come(kind):
            hour, self._hour = self._hour, None
            hour.end()
        if volume is None or volume.dead:
            raise Crash
        return self.faults.strike(kind)

    def _take(self, kind: str, seconds: float) -> None:
        if self._on_step:
            self._on_step(kind, seconds)

    def look(self, inode: int, offset: int, length: int) -> int:
        """Give the system's number of the error that a read fails with, 0 if it does not."""
        if self.bad_sectors.among(inode, offset, length):
            self.injected["read of an unreadable sector"] += 1
            return errno.EIO
        return self.faults.strike("read")

    def name(self, path: Path) -> str:
        """Name a file as it is called on this disk, in whatever life."""
        root = self.folder if path.is_relative_to(self.folder) else self._place
        return str(path.relative_to(root))

    # Its places: each life has a folder of its own, so that what a dead one has open is nobody's.

    def _look_out(self) -> None:
        if self._volume and not self._volume.dead:
            self._volume.alert = bool(self._hour or self.unsynced or self.faults.any() or self.bad_sectors)

    def _files(self) -> dict[str, Path]:
        return {self.name(path): path for path in sorted(self._place.rglob("*")) if path.is_file()}

    def _contents(self) -> dict[str, bytes]:
        return {name: path.read_bytes() for name, path in self._files().items()}

    def _end_life(self, left: dict[str, bytes]) -> None:
        if self._volume:
            self._volume.end()
        before, old = self._files(), self._place
        self._place = self._new_place()
        for name, data in left.items():
            path = self._place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        moved = {
            path.stat().st_ino: (self._place / name).stat().st_ino
            for name, path in before.items()
            if name in left
        }
        self.bad_sectors.moved(moved)
        if self.unsynced:
            self.unsynced.moved(moved)
        shutil.rmtree(old)

    def _new_place(self) -> Path:
        place = self._beside(str(next(self._generations)))
        place.mkdir()
        link = self._beside("next")
        link.symlink_to(place.name)
        link.replace(self.folder)
        return place

    def _beside(self, suffix: str) -> Path:
        return self.folder.parent.resolve() / f"{self.folder.name}.{suffix}"


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


class _Chance(apsw.VFS):
    def __init__(self, rng: Random) -> None:
        super().__init__("simulated-chance", "", makedefault=True)
        self._rng = rng

    def xRandomness(self, numbytes: int) -> bytes:  # noqa: N802 - SQLite's name
        return self._rng.randbytes(numbytes)


def seed_sqlite(rng: Random) -> None:
    """Let all that SQLite draws from now on come from this: spools' names, salts of logs. For the whole process."""
    chance = _Chance(rng)
    apsw.randomness(0)  # forgets its seed: the next one is asked of the default
    apsw.randomness(1)
    chance.unregister()
