"""A damaged spool, to read what is left in it; nothing in it is changed."""

import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import apsw

from sampler.device.spool import schema
from sampler.device.spool.carve import carve_file, carve_log
from sampler.device.spool.errors import DAMAGE
from sampler.device.spool.log import log_of, unread
from sampler.device.spool.refusals import Place, places
from sampler.raw import Raw, Unreadable
from sampler.volume import Volume

BUSY_MS = 5_000

Values = tuple[Any, ...]


class Wreck:
    """What is left of a spool, but for places known to be unreadable. Nobody else can write to it until it is closed.

    Raises Unreadable where the disk refuses to read anything else, apsw.Error or OSError where it refuses otherwise.
    """

    def __init__(self, path: Path, volume: Volume, unreadable: Collection[Place]) -> None:
        self._path = path
        self.whole = True
        """Whether the last table read could be read to its end."""
        with ExitStack() as undo:
            # Closed last: SQLite's locks go with them.
            self._file = _Left(undo.enter_context(volume.raw(path)), unreadable)
            self._log = _Left(undo.enter_context(volume.raw(log_of(path))), unreadable, is_log=True)
            self._overlay = _Overlay(volume.vfs or "", self._file, self._log)
            self._db = self._open()
            undo.callback(self._close)
            if not self._sound():
                self._db.close()
                self._file.first_page = schema.first_page()
                self._db = self._open()
            with suppress(*DAMAGE):
                self._db.execute("BEGIN IMMEDIATE")
            self._open_now = undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open_now.close()

    def _close(self) -> None:
        self._db.close()

    def _open(self) -> apsw.Connection:
        db = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=self._overlay.name)
        db.set_busy_timeout(BUSY_MS)
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        return db

    def _sound(self) -> bool:
        try:
            return schema.made(self._db) and not self._db.readonly("main")
        except DAMAGE:
            return False

    def log_broken(self) -> bool:
        """Tell whether there is a part of the log that SQLite does not read."""
        return unread(self._log) > 0 or any(place.in_log for place in self._log.unreadable)

    def read(self, table: str, key: str) -> Iterator[Values]:
        """Give a table's rows from both ends, as far as they can be reached."""
        reached, self.whole = 0, True
        try:
            for values in self._db.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY {key}"):  # noqa: S608 - our own names
                reached = values[0]
                yield values
        except DAMAGE:
            self.whole = False
            yield from self._read_back(table, key, reached)

    def _read_back(self, table: str, key: str, reached: int) -> Iterator[Values]:
        query = f"SELECT * FROM {table} NOT INDEXED WHERE {key} > ? ORDER BY {key} DESC"  # noqa: S608 - our own names
        with suppress(*DAMAGE):
            yield from self._db.execute(query, (reached,))

    def carve(self) -> Iterator[tuple[Values, bool]]:
        """Give every row on any leaf page, of whatever table, current or forgotten, and whether it was logged."""
        yield from ((values, False) for values in carve_file(self._file))
        yield from ((values, True) for values in carve_log(self._log))


class _Left:
    """A file as it is, with zeros for what cannot be read. `first_page`: what is to be taken for its own."""

    def __init__(self, raw: Raw, unreadable: Collection[Place], *, is_log: bool = False) -> None:
        self._raw = raw
        self._is_log = is_log
        self.unreadable = frozenset(unreadable)
        self.first_page = b""

    @property
    def size(self) -> int:
        return self._raw.size

    def read(self, amount: int, at: int) -> bytes:
        """Give so many bytes; those behind the end are zeros. Raises Unreadable."""
        if page := self.first_page[at : at + amount]:
            return page
        try:
            return self._raw.read(amount, at)
        except Unreadable:
            if self.unreadable.isdisjoint(places(in_log=self._is_log, amount=amount, at=at)):
                raise
            return bytes(amount)


class _Overlay(apsw.VFS):
    """SQLite's way to both files, as they are left; not its own: see sampler.raw."""

    def __init__(self, under: str, file: _Left, log: _Left) -> None:
        self.name = f"sampler-wreck-{id(self):x}"
        super().__init__(self.name, under)
        self.under = under
        self._left = {apsw.SQLITE_OPEN_MAIN_DB: file, apsw.SQLITE_OPEN_WAL: log}

    def xFullPathname(self, name: str) -> str:  # noqa: N802 - as SQLite calls it
        # apsw takes SQLite's note that there is a link on the way for an error. systemd's state directories are links.
        return os.path.realpath(name)

    def xOpen(self, name: Any, flags: Any) -> "_File":  # noqa: N802 - as SQLite calls it
        left = next((left for kind, left in self._left.items() if flags[0] & kind), None)
        return _File(self.under, name, flags, left)


class _File(apsw.VFSFile):
    def __init__(self, under: str, name: Any, flags: Any, left: _Left | None) -> None:
        super().__init__(under, name, flags)
        self._left = left

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - as SQLite calls it
        if self._left is None:
            return super().xRead(amount, offset)  # a temporary file of SQLite's own
        # What it raises comes from whatever SQLite is doing: apsw puts it in the place of SQLite's own error.
        return self._left.read(amount, offset)
