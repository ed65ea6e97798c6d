"""The spool's tables, read and written inside one transaction of the caller's."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

import apsw

from sampler.device.kept import Kept
from sampler.device.spool.errors import Damaged
from sampler.device.spool.ledger import Ledger, Range
from sampler.device.spool.rows import Facts, Row, State, Stretch, checked, pack, seal
from sampler.device.window import Window

COLUMNS = "sequence, state, start, body, crc"
STATES: tuple[State, ...] = ("waiting", "held", "set_aside")
STRETCHES = 1_000
"""How many stretches without a reading are remembered."""
PAGEFUL = 500
"""Rows read at a time where there may be many."""


class Book:
    """What is in the spool. Its methods raise Damaged where a row is not what was written."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self.ledger = Ledger(db)

    # The small facts, and the open window.

    @property
    def facts(self) -> Facts:
        """The small facts."""
        for values in self._db.execute("SELECT * FROM facts WHERE id = 1"):
            return Facts.read(values)
        raise Damaged("the small facts are gone")

    @facts.setter
    def facts(self, facts: Facts) -> None:
        for table in ("facts", "facts_copy"):
            self._db.execute(f"REPLACE INTO {table} VALUES (?, ?, ?)", facts.values())  # noqa: S608 - two names

    @property
    def window(self) -> Window | None:
        """The open window, as last journalled."""
        import json

        for values in self._db.execute("SELECT * FROM window WHERE id = 1"):
            return Window.from_json(json.loads(checked(values)[1]))
        return None

    @window.setter
    def window(self, window: Window) -> None:
        body = pack(window.as_json())
        self._db.execute("REPLACE INTO window VALUES (1, ?, ?)", (body, seal(1, body)))

    # Windows that closed.

    def close(self, window: Window, *, held: bool) -> Kept | None:
        """Keep a closed window: as a measurement, or as a stretch without one if it has no reading."""
        facts = self.facts
        newest = facts.newest if held else max(facts.newest, window.end)
        measurement = window.close()
        if measurement is None:
            self._stretch(Stretch.of(window))
            self.facts = replace(facts, newest=newest, empty=facts.empty + 1)
            return None
        row = Row.of(facts, window, measurement, held=held)
        self.put(row)
        self.facts = replace(facts, newest=newest, sequence=row.sequence)
        return row.kept

    def _stretch(self, stretch: Stretch) -> None:
        number = 1
        for values in self._db.execute("SELECT * FROM stretch ORDER BY id DESC LIMIT 1"):
            last = Stretch.read(values)
            touches = last.end == stretch.start
            number = values[0] if touches else values[0] + 1
            stretch = last.joined(stretch) if touches else stretch
        self._db.execute("REPLACE INTO stretch VALUES (?, ?, ?)", stretch.values(number))
        self._db.execute("DELETE FROM stretch WHERE id <= ?", (number - STRETCHES,))

    def stretches(self) -> Iterator[Stretch]:
        """Give the stretches without one good reading, oldest first."""
        return map(Stretch.read, self._db.execute("SELECT * FROM stretch ORDER BY id"))

    # Measurements.

    def put(self, row: Row) -> None:
        """Write a measurement, new or changed."""
        self._db.execute("REPLACE INTO measurement VALUES (?, ?, ?, ?, ?)", row.values())

    def row(self, sequence: int) -> Row | None:
        """Find a measurement; a damaged one is dropped and not found."""
        return next(self.rows("WHERE sequence = ?", sequence), None)

    def rows(self, clause: str, *bindings: Any) -> Iterator[Row]:
        """Give the measurements that a clause selects; damaged ones are dropped on the way."""
        found = self._db.execute(f"SELECT {COLUMNS} FROM measurement {clause}", bindings).fetchall()  # noqa: S608
        for values in found:
            try:
                yield Row.read(values)
            except Damaged:
                self.drop([values[0]], "damaged")

    def held(self) -> list[Row]:
        """Give the measurements whose times are not known yet."""
        return list(self.rows("WHERE state = 'held' ORDER BY start, sequence"))

    def newest_waiting(self, limit: int, without: Collection[int]) -> list[Row]:
        """Give the last measurements by time that wait, newest first."""
        clause = "WHERE state = 'waiting' ORDER BY start DESC, sequence DESC LIMIT ?"
        return [row for row in self.rows(clause, limit + len(without)) if row.sequence not in without][:limit]

    def release(self, rows: list[Row], change: Callable[[Row], Row]) -> None:
        """Let held measurements go, each changed as said."""
        for row in map(change, rows):
            self.put(row)
            self.facts = replace(self.facts, newest=max(self.facts.newest, row.end))

    # Measurements that leave.

    def deliver(self, sequences: Collection[int]) -> list[Row]:
        """Remove what was delivered; what is gone already is left as it was entered."""
        rows = [row for row in map(self.row, sorted(set(sequences))) if row is not None]
        gone = [row.sequence for row in rows]
        self._remove(gone)
        self.ledger.enter_all(gone, "delivered")
        return rows

    def drop(self, sequences: Collection[int], reason: str) -> int:
        """Remove measurements that will never be sent, by name; those that are gone already do not count."""
        gone = [sequence for sequence in sorted(set(sequences)) if self._remove([sequence])]
        self.ledger.enter_all(gone, "dropped", reason)
        return len(gone)

    def _remove(self, sequences: Collection[int]) -> int:
        for sequence in sequences:
            self._db.execute("DELETE FROM measurement WHERE sequence = ?", (sequence,))
        return self._db.changes() if sequences else 0

    def lose(self, count: int, reason: str) -> None:
        """Number measurements that never got here, and drop them by name."""
        facts = self.facts
        self.ledger.enter(Range(facts.sequence + 1, facts.sequence + count, "dropped", reason))
        self.facts = replace(facts, sequence=facts.sequence + count)

    def bound(self, most: int) -> None:
        """Drop the oldest measurements by time, so that at most so many are left."""
        excess = self.count() - most
        while excess > 0:
            excess -= self.drop(self._oldest(min(excess, PAGEFUL)), "the spool was full")

    def _oldest(self, limit: int) -> list[int]:
        # Each state apart, as the index has them: SQLite would sort all of them otherwise.
        query = "SELECT start, sequence FROM measurement WHERE state = ? ORDER BY start, sequence LIMIT ?"
        found = [pair for state in STATES for pair in self._db.execute(query, (state, limit))]
        return [sequence for _, sequence in sorted(found)[:limit]]

    def count(self, state: State | None = None) -> int:
        """Count the measurements, of one state or of all."""
        query = "SELECT count(*) FROM measurement WHERE ? IS NULL OR state = ?"
        return int(self._db.execute(query, (state, state)).get)
