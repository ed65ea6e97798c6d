"""How large an SQLite database is, beside the process that writes it."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import apsw

PAGE = 4096


@dataclass(frozen=True, slots=True)
class Size:
    """The file and its write-ahead log in bytes; how many pages there are in both, and how many of them are free."""

    file: int
    log: int
    pages: int
    free: int

    @property
    def used(self) -> int:
        """How many pages hold something."""
        return self.pages - self.free

    @classmethod
    def of(cls, path: Path) -> Self:
        """Look at it, as a reader among others."""
        log = Path(f"{path}-wal")
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as db:
            db.set_busy_timeout(2000)
            pages, free = (int(db.pragma(name)) for name in ("page_count", "freelist_count"))
        return cls(path.stat().st_size, log.stat().st_size if log.exists() else 0, pages, free)
