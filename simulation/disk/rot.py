"""What a disk does to files that nobody writes: bits turn, sectors are emptied, or cannot be read any more."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from simulation.disk.sectors import PAGE, SECTOR


def flip_bit(path: Path, rng: Random, at: int | None = None) -> None:
    """Turn one bit, of the byte at this place or of any."""
    at = rng.randrange(path.stat().st_size) if at is None else at
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << rng.randrange(8)]))


def overwrite(path: Path, at: int, data: bytes) -> None:
    """Have other bytes there, as far as the file goes."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data[: max(path.stat().st_size - at, 0)])


class BadSectors:
    """Sectors that cannot be read until they are written. What they held is gone for whoever reads past SQLite, too."""

    def __init__(self) -> None:
        self._sectors: set[tuple[int, int]] = set()

    def __bool__(self) -> bool:
        return bool(self._sectors)

    def spoil(self, path: Path, rng: Random, at: int) -> None:
        """Make the sector around this place one of them."""
        sector = at // SECTOR
        overwrite(path, sector * SECTOR, rng.randbytes(SECTOR))
        self._sectors.add((path.stat().st_ino, sector))

    def among(self, inode: int, offset: int, length: int) -> bool:
        """Tell whether any of them is in this part of a file."""
        return bool(self._sectors) and not self._sectors.isdisjoint(_sectors(inode, offset, length))

    def written(self, inode: int, offset: int, length: int) -> None:
        """Have a part of a file readable again: the disk puts it elsewhere."""
        if self._sectors:
            self._sectors.difference_update(_sectors(inode, offset, length))

    def moved(self, inodes: dict[int, int]) -> None:
        """Follow files that have been copied to others; those that are gone take theirs along."""
        self._sectors = {(inodes[inode], sector) for inode, sector in self._sectors if inode in inodes}


def _sectors(inode: int, offset: int, length: int) -> set[tuple[int, int]]:
    return {(inode, sector) for sector in range(offset // SECTOR, -(-(offset + length) // SECTOR))}


def rot(path: Path, bad: BadSectors, rng: Random) -> str:
    """Do one of it to a file that is not empty; say what."""
    at = rng.randrange(path.stat().st_size)
    ways: dict[str, Callable[[], None]] = {
        "bit flipped": lambda: flip_bit(path, rng, at),
        "sector zeroed": lambda: overwrite(path, at // SECTOR * SECTOR, bytes(SECTOR)),
        "page zeroed": lambda: overwrite(path, at // PAGE * PAGE, bytes(PAGE)),
        "sector unreadable": lambda: bad.spoil(path, rng, at),
    }
    way = rng.choice(list(ways))
    ways[way]()
    return way
