"""The disk that a database lies on, as an argument: a test can stand in for it."""

import os
from datetime import UTC, datetime
from pathlib import Path

from sampler.files import sync_directory, sync_file
from sampler.raw import Raw


class Volume:
    """The machine's own disk: what changes names, what makes files last, whether it may be written, what time it is.

    What files hold goes through SQLite, or past it. Every method raises OSError where the disk refuses.
    """

    @property
    def vfs(self) -> str | None:
        """SQLite's name for how it reads and writes files; None for its own way."""
        return None

    def raw(self, path: Path, *, writable: bool = False) -> Raw:
        """Open a file past SQLite, to be closed again."""
        return Raw(path, writable=writable)

    def now(self) -> datetime:
        """Give the time, UTC, as the disk puts it on its files."""
        return datetime.now(UTC)

    def read_only(self, path: Path) -> bool:
        """Tell whether it is mounted so."""
        try:
            return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
        except OSError:
            return False

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name; a file that has that one is gone."""
        old.rename(new)

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        path.unlink(missing_ok=True)

    def sync_file(self, path: Path) -> None:
        """Make what a file holds last through a power cut."""
        sync_file(path)

    def sync_directory(self, path: Path) -> None:
        """Make the new names in a directory last through a power cut."""
        sync_directory(path)


REAL = Volume()
