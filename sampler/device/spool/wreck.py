"""A damaged spool, to read what is left in it; nothing in it is changed."""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import apsw

from sampler.device.spool import schema
from sampler.device.spool.carve import carve_file, carve_log
from sampler.device.spool.errors import DAMAGE
from sampler.device.spool.log import log_of, unread
from sampler.device.spool.raw import Raw
from sampler.device.spool.refusals import Place, places

BUSY_MS = 5_000

Values = tuple[Any, ...]


class Wreck:
    """What is left of a spool, but for places known to be unreadable. Nobody else can write to it until it is closed.

    Raises apsw.IOError where the disk refuses to read anything else.
    """

    def __init__(self, path: Path, vfs: str | None, unreadable: Collection[Place]) -> None:
        self._path = path
        self._overlay = _Overlay(vfs or "", unreadable)
        self._db = self._open()
        self.whole = True
        """Whether the last table read could be read to its end."""
        try:
            if not self._sound():
                self._db.close()
                self._overlay.page = schema.first_page()
                self._db = self._open()
            with suppress(*DAMAGE):
                self._db.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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

    def _raw(self, *, log: bool) -> Raw:
        return Raw(log_of(self._path) if log else self._path, self._overlay.name, log=log)

    def log_broken(self) -> bool:
        """Tell whether there is a part of the log that SQLite does not read."""
        with self._raw(log=True) as log:
            return unread(log) > 0 or any(place.in_log for place in self._overlay.unreadable)

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
        with self._raw(log=False) as file:
            yield from ((values, False) for values in carve_file(file))
        with self._raw(log=True) as log:
            yield from ((values, True) for values in carve_log(log))


class _Overlay(apsw.VFS):
    """Files as they are, with zeros for what cannot be read, and a database's first page made anew if need be."""

    def __init__(self, under: str, unreadable: Collection[Place]) -> None:
        self.name = f"sampler-wreck-{id(self):x}"
        super().__init__(self.name, under)
        self.under = under
        self.unreadable = frozenset(unreadable)
        self.page = b""

    def xFullPathname(self, name: str) -> str:  # noqa: N802 - as SQLite calls it
        # apsw takes SQLite's note that there is a link on the way for an error. systemd's state directories are links.
        return os.path.realpath(name)

    def xOpen(self, name: Any, flags: Any) -> "_File":  # noqa: N802 - as SQLite calls it
        return _File(self, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, overlay: _Overlay, name: Any, flags: Any) -> None:
        super().__init__(overlay.under, name, flags)
        self._overlay = overlay
        self._is_log = not flags[0] & apsw.SQLITE_OPEN_MAIN_DB

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - as SQLite calls it
        if not self._is_log and (page := self._overlay.page[offset : offset + amount]):
            return page
        try:
            return super().xRead(amount, offset).ljust(amount, b"\0")  # a log that was cut ends in zeros, too
        except apsw.IOError:
            if self._overlay.unreadable.isdisjoint(places(in_log=self._is_log, amount=amount, at=offset)):
                raise  # from whatever SQLite is doing: apsw puts it in the place of SQLite's own error
            return bytes(amount)
