"""Disks of the test's own, that can be full, read-only, or without power. They are gone with the block."""

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.effort import note

TOOLS = ("mount", "umount", "mkfs.ext4")
_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, and XFS_IOC_GOINGDOWN
_WITHOUT_FLUSHING = struct.pack("I", 2)


class Disk:
    """A file system at `place`."""

    def __init__(self, place: Path, *mount: str) -> None:
        self.place = place
        self._mount = mount
        place.mkdir()

    def mount(self, *options: str) -> None:
        run("mount", *self._mount, *options, str(self.place))

    def remount(self, option: str) -> None:
        note(f"disks remounted: {option}")
        run("mount", "-o", f"remount,{option}", str(self.place))

    def unmount(self) -> None:
        run("umount", str(self.place))

    def fill(self) -> Path:
        """Take all the room that is left, with the file returned."""
        note("disks filled")
        ballast = self.place / "ballast"
        for size in (65536, 4096, 512, 1):
            with suppress(OSError), ballast.open("ab", buffering=0) as file:
                while file.write(bytes(size)):
                    pass
        return ballast

    def cut_power(self) -> None:
        """End the file system as a power cut does: what was not synced is gone. Unmount it then."""
        place = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(place, _SHUTDOWN, _WITHOUT_FLUSHING)
        finally:
            os.close(place)

    def lose_power(self, end: Callable[[], object]) -> None:
        """Cut the power, have those ended who use it, and give it its power again."""
        self.cut_power()
        end()
        self.unmount()
        self.mount()


@dataclass(frozen=True, slots=True)
class FileSystem:
    """A kind of file system that keeps a log of its own."""

    name: str
    make: tuple[str, ...]
    size_mib: int
    options: str


EXT4 = FileSystem("ext4", ("mkfs.ext4", "-q", "-F"), 32, "loop,noauto_da_alloc")
"""It would rescue renames by itself otherwise."""
XFS = FileSystem("XFS", ("mkfs.xfs", "-q", "-f"), 300, "loop")


def reason_for_no_disk(*also: str) -> str:
    """Why no disk can be had here; empty if one can."""
    if os.geteuid() != 0:
        return "needs root, to mount disks of its own"
    missing = [tool for tool in (*TOOLS, *also) if shutil.which(tool) is None]
    if missing:
        return f"needs {', '.join(missing)} (Debian: mount, e2fsprogs, xfsprogs)"
    return "" if Path("/dev/loop-control").exists() else "needs loop devices"


@contextmanager
def memory_disk(folder: Path, size: str) -> Iterator[Disk]:
    """A small tmpfs."""
    disk = Disk(folder / "disk", "-t", "tmpfs", "-o", f"size={size}", "tmpfs")
    with _mounted(disk):
        yield disk


@contextmanager
def disk_of(kind: FileSystem, folder: Path) -> Iterator[Disk]:
    """One in a file in the folder."""
    image = folder / f"{kind.name}.img"
    with image.open("wb") as file:
        file.truncate(kind.size_mib << 20)
    run(*kind.make, str(image))
    disk = Disk(folder / kind.name, "-o", kind.options, str(image))
    with _mounted(disk):
        yield disk


@contextmanager
def _mounted(disk: Disk) -> Iterator[None]:
    disk.mount()
    try:
        yield
    finally:
        if disk.place.is_mount():
            disk.unmount()


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
