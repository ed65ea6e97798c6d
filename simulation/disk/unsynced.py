"""What a disk has been told and not yet been made to keep, and what a power cut leaves of it.

Of the bytes: each sector of 512 bytes is as it was at the file's last sync, or as some write since left it, each for
itself. Of the names: a journal's beginning. What was there when this began to be watched lasts.
"""

import os
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random

from simulation.disk.places import Files, Places
from simulation.disk.sectors import Contents


@dataclass(frozen=True, slots=True)
class _Created:
    name: str
    inode: int

    def undo(self, files: Files) -> None:
        files.pop(self.name, None)


@dataclass(frozen=True, slots=True)
class _Removed:
    name: str
    kept: Path

    def undo(self, files: Files) -> None:
        files[self.name] = self.kept


@dataclass(frozen=True, slots=True)
class _Renamed:
    old: str
    new: str
    kept: Path | None

    def undo(self, files: Files) -> None:
        files[self.old] = files.pop(self.new)
        if self.kept:
            files[self.new] = self.kept


class Unsynced:
    """Everything on one disk that a power cut may take. Removed files are kept in the attic, for their return."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._numbers = count()
        self._names: list[_Created | _Removed | _Renamed] = []
        self._contents: dict[int, Contents] = {}
        self.names_synced()

    def contents(self, inode: int) -> Contents:
        """Give what is not synced of a file."""
        return self._contents.setdefault(inode, Contents())

    def created(self, path: Path) -> None:
        """Remember a new file."""
        self._names.append(_Created(self._places.name(path), path.stat().st_ino))

    def removing(self, path: Path) -> None:
        """Remember a file that is about to be removed."""
        self._names.append(_Removed(self._places.name(path), self._keep(path)))

    def renaming(self, old: Path, new: Path) -> None:
        """Remember a file that is about to have another name, and the one that has that name now, if any."""
        kept = self._keep(new) if new.exists() else None
        self._names.append(_Renamed(self._places.name(old), self._places.name(new), kept))

    def synced(self, inode: int) -> None:
        """Let a file last, and what its journal wrote up to its making."""
        self.contents(inode).synced()
        made = [
            at for at, name in enumerate(self._names) if isinstance(name, _Created) and name.inode == inode
        ]
        if made:
            self._names = self._names[made[-1] + 1 :]

    def names_synced(self) -> None:
        """Let all names last."""
        self._names.clear()
        for kept in self._places.attic.iterdir():
            kept.unlink()

    def moved(self, inodes: dict[int, int]) -> None:
        """Follow files that have been copied to others."""
        self._contents = {inodes.get(old, old): contents for old, contents in self._contents.items()}
        self._names = [
            replace(name, inode=inodes.get(name.inode, name.inode)) if isinstance(name, _Created) else name
            for name in self._names
        ]

    def after_a_cut(self, files: Files, rng: Random) -> dict[str, bytes]:
        """Give the files that are there when the power is back, and what is in them."""
        lasting = rng.choice((0, len(self._names), rng.randint(0, len(self._names))))
        for change in reversed(self._names[lasting:]):
            change.undo(files)
        return {name: self._after_a_cut(path, rng) for name, path in sorted(files.items())}

    def _after_a_cut(self, path: Path, rng: Random) -> bytes:
        return self.contents(path.stat().st_ino).after_a_cut(path.read_bytes(), rng)

    def _keep(self, path: Path) -> Path:
        kept = self._places.attic / str(next(self._numbers))
        os.link(path, kept)
        return kept
