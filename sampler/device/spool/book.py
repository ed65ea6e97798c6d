"""The spool's tables, read and written inside one transaction of the caller's."""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import apsw

from sampler.device.kept import Kept
from sampler.device.spool.account import Account, recount
from sampler.device.spool.errors import Damaged
from sampler.device.spool.ledger import Ledger, Outcome, Range
from sampler.device.spool.rows import STATES, Facts, Row, State, Stretch, intact, pack, seal, window_of
from sampler.device.window import Window

STRETCHES = 1_000
"""How many stretches without a reading are remembered."""
PAGEFUL = 500
"""Rows read at a time where there may be many."""


class Book:
    """What is in the spool. Its methods raise Damaged where a row is not what was written."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self.ledger = Ledger(db)
        self.known: Facts | None = None
        """The small facts, if they were read or written."""
        self.damaged: list[int] = []
        """Measurements that were met and are not what was written."""
        self._window: Window | None = None
        self._window_known = False

    # The small facts, and the open window: both are read once, however often one transaction asks for them.

    @property
    def facts(self) -> Facts:
        """The small facts."""
        if self.known is None:
            found = self._db.execute("SELECT * FROM facts").fetchall()
            if len(found) != 1:
                raise Damaged("the small facts are gone")
            self.known = Facts.read(found[0])
        return self.known

    @facts.setter
    def facts(self, facts: Facts) -> None:
        for table in ("facts", "facts_copy"):
            self._db.execute(f"REPLACE INTO {table} VALUES (?, ?, ?)", facts.values())  # noqa: S608 - two names
        self.known = facts

    @property
    def window(self) -> Window | None:
        """The open window, as last journalled."""
        if not self._window_known:
            found = self._db.execute("SELECT * FROM window").fetchall()
            self._window = window_of(found[0]) if found else None
            self._window_known = True
        return self._window

    @window.setter
    def window(self, window: Window | None) -> None:
        self._window, self._window_known = window, True
        if window is None:
            self._db.execute("DELETE FROM window")
            return
        body = pack(window)
        self._db.execute("REPLACE INTO window VALUES (1, ?, ?)", (body, seal(1, body)))

    # Windows that closed.

    def close(self, window: Window, *, held: bool, moved: bool = False) -> Kept | None:
        """Keep a closed window: as a measurement, or as a stretch without one if it has no reading.

        `moved`: its label is not the one that it had.
        """
        facts = self.facts
        newest = facts.newest if held else max(facts.newest, window.end)
        measurement = window.close()
        if measurement is None:
            self.add_stretch(Stretch.of(window, held=held))
            self.facts = replace(facts, newest=newest, empty=facts.empty + 1)
            return None
        row = Row.of(facts, window, measurement, held=held, moved=moved)
        self.put(row)
        self.facts = replace(facts, newest=newest, sequence=row.sequence)
        return row.kept

    def add_stretch(self, stretch: Stretch) -> None:
        """Enter windows without a reading; a stretch that begins where the last one ends becomes one with it."""
        last: list[Any] = self._db.execute("SELECT * FROM stretch ORDER BY id DESC LIMIT 1").fetchall()
        number = last[0][0] + 1 if last else 1
        if last and (before := Stretch.read(last[0])).ends_where(stretch):
            number, stretch = number - 1, before.joined(stretch)
        self._db.execute("REPLACE INTO stretch VALUES (?, ?, ?)", stretch.values(number))
        self._db.execute("DELETE FROM stretch WHERE id <= ?", (number - STRETCHES,))

    def stretches(self) -> Iterator[Stretch]:
        """Give the stretches without one good reading, oldest first."""
        return map(Stretch.read, self._db.execute("SELECT * FROM stretch ORDER BY id"))

    def held_stretches(self) -> dict[int, Stretch]:
        """Give the stretches whose times are not known yet, by their rows."""
        rows: list[Any] = self._db.execute("SELECT * FROM stretch ORDER BY id").fetchall()
        return {values[0]: each for values in rows if (each := Stretch.read(values)).span is not None}

    def release_stretches(self, held: dict[int, Stretch], change: Callable[[Stretch], Stretch]) -> None:
        """Let stretches go whose times were not known, each changed as said."""
        for number, stretch in held.items():
            gone = change(stretch)
            self._db.execute("REPLACE INTO stretch VALUES (?, ?, ?)", gone.values(number))
            self.facts = replace(self.facts, newest=max(self.facts.newest, gone.end))

    # Measurements.

    def put(self, row: Row) -> None:
        """Write a measurement, new or changed."""
        self._db.execute("REPLACE INTO measurement VALUES (?, ?, ?, ?, ?)", row.values())

    def row(self, sequence: int) -> Row | None:
        """Find a measurement."""
        return next(self.rows("WHERE sequence = ?", sequence), None)

    def rows(self, clause: str, *bindings: Any) -> Iterator[Row]:
        """Give the measurements that a clause selects, without the damaged ones, which are noted.

        Nothing may be written before the last of them has been taken.
        """
        return map(Row.read, self._intact(clause, bindings))

    def _intact(self, clause: str, bindings: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        query = f"SELECT sequence, state, start, body, crc FROM measurement {clause}"  # noqa: S608 - our own words
        for values in self._db.execute(query, bindings):
            if not intact(values):
                self.damaged.append(values[0])
            elif values[1] in STATES:
                yield values
            else:
                raise Damaged("a row of another table lies among the measurements")

    def put_all(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows as they were read from another file."""
        self._db.executemany("REPLACE INTO measurement VALUES (?, ?, ?, ?, ?)", rows)

    def held(self) -> list[Row]:
        """Give the measurements whose times are not known yet."""
        return list(self.rows("WHERE state = 'held' ORDER BY start, sequence"))

    def newest_waiting(self, limit: int, without: Collection[int]) -> list[Row]:
        """Give the last measurements by time that wait, in the order of their times."""
        waiting = self.rows("WHERE state = 'waiting' ORDER BY start DESC, sequence DESC")
        return list(islice((row for row in waiting if row.sequence not in without), limit))[::-1]

    def release(self, rows: list[Row], change: Callable[[Row], Row]) -> None:
        """Let held measurements go, each changed as said."""
        for row in map(change, rows):
            self.put(row)
            self.facts = replace(self.facts, newest=max(self.facts.newest, row.end))

    # Measurements that leave.

    def deliver(self, sequences: Collection[int]) -> list[int]:
        """Remove what was delivered; give what was there: what is gone already stays as it was entered."""
        return self._remove(sequences, "delivered")

    def drop(self, sequences: Collection[int], reason: str) -> int:
        """Remove measurements that will never be sent, by name; give how many were there."""
        return len(self._remove(sequences, "dropped", reason))

    def _remove(self, sequences: Collection[int], outcome: Outcome, reason: str = "") -> list[int]:
        there = "SELECT 1 FROM measurement WHERE sequence = ?"
        gone = [sequence for sequence in set(sequences) if self._db.execute(there, (sequence,)).get]
        self._db.executemany("DELETE FROM measurement WHERE sequence = ?", ((number,) for number in gone))
        self.ledger.enter_all(gone, outcome, reason)
        return gone

    def lose(self, count: int, start: int, end: int, reason: str) -> None:
        """Give measurements that never got here their numbers, and drop them by name."""
        facts, window = self.facts, self.window
        self.ledger.enter(Range(facts.sequence + 1, facts.sequence + count, "dropped", reason))
        self.facts = replace(facts, sequence=facts.sequence + count, newest=max(facts.newest, end))
        if window is not None and start <= window.start < end:
            self.window = None  # it is one of them

    def bound(self, most: int) -> None:
        """Drop the oldest measurements by time, so that at most so many are left."""
        excess = sum(self.counts().values()) - most
        while excess > 0:
            excess -= self.drop(self._oldest(min(excess, PAGEFUL)), "the spool was full")

    def _oldest(self, limit: int) -> list[int]:
        # Each state apart, as the index has them: SQLite would sort all of them otherwise.
        query = "SELECT start, sequence FROM measurement WHERE state = ? ORDER BY start, sequence LIMIT ?"
        found = [pair for state in STATES for pair in self._db.execute(query, (state, limit))]
        return [sequence for _, sequence in sorted(found)[:limit]]

    # Looking at all of it.

    def counts(self) -> Counter[str]:
        """Count the measurements by their states."""
        return Counter(dict(self._db.execute("SELECT state, count(*) FROM measurement GROUP BY state")))

    def sequences(self, states: Collection[State]) -> list[int]:
        """Give the numbers of all measurements in these states, ascending."""
        query = "SELECT sequence FROM measurement WHERE state = ?"
        return sorted(number for state in states for (number,) in self._db.execute(query, (state,)))

    def account(self) -> Account:
        """Recount every measurement, from the rows and not from an index or a counter."""
        rows = ((values[0], values[1]) for values in self._intact("NOT INDEXED ORDER BY sequence"))
        return recount(self.facts.sequence, self.ledger, rows)

    def examine(self) -> None:
        """Read everything there is. Raises Damaged or apsw.CorruptError."""
        for (problem,) in self._db.execute("PRAGMA integrity_check(1)").fetchall():
            if problem != "ok":
                raise Damaged(problem)
        for table in ("facts", "ledger"):
            query = f"SELECT * FROM {table} EXCEPT SELECT * FROM {table}_copy"  # noqa: S608 - two names
            if self._db.execute(query).fetchall():
                raise Damaged(f"the copy of the table {table} is another")
        deque(self.stretches(), maxlen=0)
        account = self.account()
        _ = self.window
        if not self.damaged and not account.balanced:
            raise Damaged("its account does not balance")
