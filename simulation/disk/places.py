"""Where a disk's files are. Each life has a folder of its own: what a dead process has open is nobody's any more."""

import shutil
from itertools import count
from pathlib import Path

Files = dict[str, Path]
"""Which bytes a name means."""


class Places:
    """The folder that everybody knows, which is a link, and those beside it that it leads to, one after the other."""

    def __init__(self, folder: Path) -> None:
        """Begin empty. The folder must not be there yet, or hold nothing."""
        self.folder = folder
        self.attic = self._beside("attic")
        self._generations = count()
        self.attic.mkdir(parents=True)
        if folder.is_dir():
            folder.rmdir()
        self._now = self._new()

    def name(self, path: Path) -> str:
        """Name a file as it is called on this disk, in whatever life."""
        return str(path.relative_to(self.folder if path.is_relative_to(self.folder) else self._now))

    def files(self) -> Files:
        """Give all that is there."""
        return {self.name(path): path for path in sorted(self._now.rglob("*")) if path.is_file()}

    def contents(self) -> dict[str, bytes]:
        """Give what is in all that is there."""
        return {name: path.read_bytes() for name, path in self.files().items()}

    def renew(self, contents: dict[str, bytes]) -> dict[int, int]:
        """Have these files there instead; give which inode of a file that was there before is which now."""
        before, old, self._now = self.files(), self._now, self._new()
        for name, data in contents.items():
            path = self._now / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        moved = {_inode(path): _inode(self._now / name) for name, path in before.items() if name in contents}
        shutil.rmtree(old)
        return moved

    def _new(self) -> Path:
        place = self._beside(str(next(self._generations)))
        place.mkdir()
        link = self._beside("next")
        link.symlink_to(place.name)
        link.replace(self.folder)
        return place

    def _beside(self, suffix: str) -> Path:
        return self.folder.parent.resolve() / f"{self.folder.name}.{suffix}"


def _inode(path: Path) -> int:
    return path.stat().st_ino
