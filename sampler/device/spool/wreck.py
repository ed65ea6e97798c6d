"""A damaged spool, to read what is left in it; nothing in it is changed."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import apsw

from sampler.device.spool import schema
from sampler.device.spool.carve import carve_file, carve_log
from sampler.device.spool.errors import DAMAGE

UNREADABLE = (*DAMAGE, apsw.IOError)
BUSY_MS = 5_000
_OVERLAY = "sampler-wreck"

Values = tuple[Any, ...]


class Wreck:
    """What is left of a spool. Nobody else can write to it until it is closed."""

    def __init__(self, path: Path, vfs: str | None) -> None:
        self._path = path
        self._vfs = vfs
        self._overlay: _Overlay | None = None
        db = self._open_as_it_is()
        if db is None:
            self._overlay = _Overlay(vfs or "")
            db = self._open(_OVERLAY)
        self._db = db
        with suppress(*UNREADABLE):
            self._db.execute("BEGIN IMMEDIATE")
        self.whole = True
        """Whether the last table read could be read to its end."""
        self.failing = False
        """Whether the disk has refused to be read."""

    @property
    def log_failing(self) -> bool:
        """Whether the disk has refused a part of the log."""
        return self._overlay is not None and self._overlay.log_failing

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _open_as_it_is(self) -> apsw.Connection | None:
        with suppress(apsw.IOError):  # the first page itself, or the log, is on a sector that cannot be read
            db = self._open(self._vfs)
            if _sound(db):
                return db
            db.close()
        return None

    def _open(self, vfs: str | None) -> apsw.Connection:
        db = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
        db.set_busy_timeout(BUSY_MS)
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        return db

    def read(self, table: str, key: str) -> Iterator[Values]:
        """Give a table's rows from both ends, as far as they can be reached."""
        reached, self.whole = 0, True
        try:
            for values in self._db.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY {key}"):  # noqa: S608 - our own names
                reached = values[0]
                yield values
        except UNREADABLE as error:
            self.whole = False
            self.failing = self.failing or isinstance(error, apsw.IOError)
            yield from self._read_back(table, key, reached)

    def _read_back(self, table: str, key: str, reached: int) -> Iterator[Values]:
        query = f"SELECT * FROM {table} NOT INDEXED WHERE {key} > ? ORDER BY {key} DESC"  # noqa: S608 - our own names
        with suppress(*UNREADABLE):
            yield from self._db.execute(query, (reached,))

    def carve(self) -> Iterator[tuple[Values, bool]]:
        """Give every row on any leaf page, of whatever table, current or forgotten, and whether it was logged."""
        yield from ((values, False) for values in carve_file(self._path))
        yield from ((values, True) for values in carve_log(self._path))


def _sound(db: apsw.Connection) -> bool:
    try:
        return schema.made(db) and not db.readonly("main")
    except UNREADABLE:
        return False


class _Overlay(apsw.VFS):
    """Files as they are, except for a database's first page, made anew, and for what the disk refuses of a log.

    That is empty: SQLite reads the log up to there.
    """

    def __init__(self, under: str) -> None:
        super().__init__(_OVERLAY, under)
        self.under = under
        self.page = schema.first_page()
        self.log_failing = False

    def xFullPathname(self, name: str) -> str:  # noqa: N802 - as SQLite calls it
        # apsw takes SQLite's note that there is a link on the way for an error. systemd's state directories are links.
        return os.path.realpath(name)

    def xOpen(self, name: Any, flags: Any) -> "_Database | _Log":  # noqa: N802 - as SQLite calls it
        return (_Database if flags[0] & apsw.SQLITE_OPEN_MAIN_DB else _Log)(self, name, flags)


class _Database(apsw.VFSFile):
    def __init__(self, overlay: _Overlay, name: Any, flags: Any) -> None:
        super().__init__(overlay.under, name, flags)
        self._page = overlay.page

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - as SQLite calls it
        return self._page[offset : offset + amount] or super().xRead(amount, offset)


class _Log(apsw.VFSFile):
    def __init__(self, overlay: _Overlay, name: Any, flags: Any) -> None:
        super().__init__(overlay.under, name, flags)
        self._overlay = overlay

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - as SQLite calls it
        try:
            return super().xRead(amount, offset)
        except apsw.IOError:
            self._overlay.log_failing = True
            return bytes(amount)
