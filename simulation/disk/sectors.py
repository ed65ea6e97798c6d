"""What the sectors of a file have held since it was last synced, and what a power cut leaves of that."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

SECTOR = 512
PAGE = 4096
"""What the kernel keeps of a file in memory, and writes, as one."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Write:
    """Bytes that replaced others; cutting a file's end puts nothing there. `forsaken`: a sync failed to keep them."""

    offset: int
    before: bytes
    after: bytes
    size_before: int
    size_after: int
    forsaken: bool = False

    @property
    def end(self) -> int:
        return self.offset + len(self.after)

    @property
    def pages(self) -> range:
        return range(self.offset // PAGE, -(-self.end // PAGE))

    def pieces(self) -> Iterator["_Write"]:
        """Give it page by page, for good of this size: a failed sync keeps the size and forsakes the bytes."""
        for page in self.pages:
            first, last = max(self.offset, page * PAGE), min(self.end, (page + 1) * PAGE)
            part = slice(first - self.offset, last - self.offset)
            size = self.size_after
            yield _Write(first, self.before[part], self.after[part], size, size, forsaken=True)


@dataclass(slots=True)
class Contents:
    """The bytes of one file that no sync has made last."""

    writes: list[_Write] = field(default_factory=list)

    def wrote(self, offset: int, before: bytes, after: bytes, size: int) -> None:
        """Remember a write to a file of this size; `before` may end where the file ended."""
        before = before.ljust(len(after), b"\0")
        self.writes.append(_Write(offset, before, after, size, max(size, offset + len(after))))

    def cut(self, size: int, tail: bytes) -> None:
        """Remember that the file lost its tail."""
        self.writes.append(_Write(size, tail, bytes(len(tail)), size + len(tail), size))

    def synced(self) -> None:
        """Let everything last, but what an earlier sync failed to keep and nobody has written again."""
        kept = {page for write in self.writes if not write.forsaken for page in write.pages}
        self.writes = [write for write in self.writes if write.forsaken and write.pages[0] not in kept]

    def sync_failed(self) -> None:
        """Take note that the kernel believes to have written what it has not: no later sync tries again."""
        self.writes = [
            piece for write in self.writes for piece in ([write] if write.forsaken else write.pieces())
        ]

    def after_a_cut(self, now: bytes, rng: Random) -> bytes:
        """Give what the file holds when the power is back."""
        if not self.writes:
            return now
        luck, luck_of_size = (rng.choice((0.0, 1.0, rng.random())) for _ in range(2))
        sizes = [self.writes[0].size_before, *(write.size_after for write in self.writes)]
        data = bytearray(now.ljust(max(write.end for write in self.writes), b"\0"))
        for sector, versions in self._versions(data).items():
            data[sector * SECTOR : (sector + 1) * SECTOR] = _one_of(versions, luck, rng)
        size = _one_of(sizes, luck_of_size, rng)
        return bytes(data[:size].ljust(size, b"\0"))

    def _versions(self, data: bytearray) -> dict[int, list[bytes]]:
        """Give what each sector has held, oldest first, and leave the data as it is now."""
        for write in reversed(self.writes):
            data[write.offset : write.end] = write.before
        versions: dict[int, list[bytes]] = defaultdict(list)
        for write in self.writes:
            sectors = range(write.offset // SECTOR, -(-write.end // SECTOR))
            for sector in sectors:
                if sector not in versions:
                    versions[sector].append(_sector(data, sector))
            data[write.offset : write.end] = write.after
            for sector in sectors:
                versions[sector].append(_sector(data, sector))
        return versions


def _sector(data: bytearray, number: int) -> bytes:
    return bytes(data[number * SECTOR : (number + 1) * SECTOR])


def _one_of(versions: list[T], luck: float, rng: Random) -> T:
    """Give the newest with this probability, any older one otherwise."""
    return versions[-1] if rng.random() < luck else rng.choice(versions[:-1])
