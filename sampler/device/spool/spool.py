"""What must survive: measurements until they are delivered, the open window, and the account of all of them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Self

from sampler.device.kept import Kept
from sampler.device.spool.account import Account
from sampler.device.spool.book import PAGEFUL, Book
from sampler.device.spool.disk import Disk, View
from sampler.device.spool.rows import REASON_LENGTH, STATES, Row, State, Stretch
from sampler.device.spool.turning import give_times, keep, let_go, made_of, settle, turned
from sampler.device.spool.values import Entry, Resumption, SpoolStatus
from sampler.device.window import Window
from sampler.measurement import from_nanoseconds, iso
from sampler.volume import REAL, Volume

BATCH = 1_000
"""How many recorded windows are stored in one transaction."""


class Spool:
    """The spool. Every method raises SpoolUnavailable, with nothing done, while the disk does not take it.

    Safe for several threads, and for other processes with a spool of their own on the same file.
    """

    def __init__(self, path: Path, max_measurements: int, volume: Volume = REAL) -> None:
        """Touch nothing yet: the file is opened, or made, at first use."""
        self._disk = Disk(path, volume)
        self._most = max_measurements

    @classmethod
    def view(cls, path: Path) -> Self:
        """Look at a spool that a daemon has made, running or not; nothing in it can be changed or is healed."""
        spool = cls(path, 0)
        spool._disk = View(path)
        return spool

    def check(self) -> None:
        """Read everything there is; what is damaged is salvaged, and its loss entered and logged."""
        self._disk.read(Book.examine)

    def close(self) -> None:
        """Let the file go; it is opened again if need be."""
        self._disk.close()

    # For the flow that keeps.

    def resume(self) -> Resumption:
        """Tell where the last daemon stopped."""
        return self._disk.read(Resumption.of)

    def journal(self, window: Window, relabel: int | None = None) -> None:
        """Write down the open window as it stands. `relabel`: as for `turn`."""

        def work(book: Book) -> None:
            settle(book, window)
            if relabel is not None:
                give_times(book, relabel, None)
            book.window = window

        self._disk.write(work)

    def turn(
        self, closed: Window, opened: Window | None, *, hold: bool = False, relabel: int | None = None
    ) -> Kept | None:
        """Make a measurement of the window that closed, and journal the one that opened, if one has.

        None if it had no reading. `hold`: its times are not known yet. `relabel`: now they are, for all that this
        boot has held back: monotonic instants plus this many ns are wall time. Doing it twice changes nothing.
        """

        def work(book: Book) -> Kept | None:
            if turned(book, closed, opened):
                book.window = book.window or opened
                return made_of(book, closed)
            settle(book, closed)
            kept = keep(book, closed, held=hold or (relabel is not None and closed.clock == "unset"))
            if relabel is not None:
                kept = give_times(book, relabel, kept)
            book.window = opened
            book.bound(self._most)
            return kept

        return self._disk.write(work)

    def release(self) -> int:
        """Let all that is held go as it is, measurements marked; give their number."""

        def work(book: Book) -> int:
            rows = book.held()
            let_go(book, rows, book.held_stretches())
            return len(rows)

        return self._disk.write(work)

    def lose(self, count: int, start: int, end: int, reason: str) -> None:
        """Account for windows that could not be kept while the disk was away; times in ns since 1970.

        They get sequence numbers, and are dropped by name.
        """
        period = " to ".join(iso(from_nanoseconds(label)) for label in (start, end))
        self._disk.write(lambda book: book.lose(count, start, end, f"{reason}, {period}"))

    # For the flow that delivers.

    def newest_waiting(self, limit: int = 10, without: Collection[int] = ()) -> list[Kept]:
        """Give the last measurements by time that wait, in the order of their times."""
        return [row.kept for row in self._disk.read(lambda book: book.newest_waiting(limit, without))]

    def delivered(self, sequences: Collection[int], at: datetime) -> None:
        """Remove what a backend has taken. What is gone already stays as it was entered."""

        def work(book: Book) -> None:
            gone = book.deliver(sequences)
            if gone:
                last = {"time": iso(at), "sequence": max(gone), "count": len(gone)}
                book.facts = replace(book.facts, last_delivery=last)

        self._disk.write(work)

    def set_aside(self, sequence: int, reason: str, at: datetime) -> None:
        """Keep a measurement that the backend will never take as it is, with the backend's words."""

        def work(book: Book) -> None:
            row = book.row(sequence)
            if row is not None and row.state == "waiting":
                book.put(replace(row, state="set_aside", reason=reason[:REASON_LENGTH], since=iso(at)))

        self._disk.write(work)

    def note_error(self, text: str, at: datetime) -> None:
        """Remember what went wrong last."""
        note = {"time": iso(at), "text": text[:REASON_LENGTH]}

        def work(book: Book) -> None:
            book.facts = replace(book.facts, last_error=note)

        self._disk.write(work)

    # For commands.

    def add(self, windows: Iterable[Window]) -> list[int]:
        """Store closed windows of a recorded log as waiting measurements; give their sequence numbers.

        Neither the open window nor the time that the next one may start at changes.
        """
        windows, stored = iter(windows), []
        while batch := list(islice(windows, BATCH)):
            stored += self._disk.write(partial(_add, batch, self._most))
        return stored

    def entries(self, state: State | None = None) -> Iterator[Entry]:
        """Give what is in the spool, of one state or of all, oldest first."""
        after = 0
        while rows := self._disk.read(partial(_entries, state, after)):
            yield from map(Entry.of, rows)
            after = max(row.sequence for row in rows)

    def retry(self, sequences: Collection[int] | None = None) -> int:
        """Let measurements that were set aside wait again, all of them if none are named; give their number."""
        return self._disk.write(partial(_retry, sequences))

    def drop(self, sequences: Collection[int] | None, reason: str, states: Collection[State] = STATES) -> int:
        """Remove measurements in these states for good, all of them if none are named; give their number."""

        def work(book: Book) -> int:
            there = book.sequences(states)
            return book.drop(there if sequences is None else set(sequences).intersection(there), reason)

        return self._disk.write(work)

    def status(self) -> SpoolStatus:
        """Tell how the spool stands."""
        return self._disk.read(SpoolStatus.of)

    def stretches(self) -> list[Stretch]:
        """Give the stretches of windows without one good reading, oldest first; the newest 1000 are remembered."""
        return self._disk.read(lambda book: list(book.stretches()))

    def verify(self) -> Account:
        """Recount every measurement from the rows themselves; damaged ones are dropped first."""
        account, damaged = self._disk.read(lambda book: (book.account(), book.damaged))
        return self._disk.read(Book.account) if damaged else account


def _add(windows: list[Window], most: int, book: Book) -> list[int]:
    newest = book.facts.newest
    kept = [book.close(window, held=False) for window in windows]
    book.facts = replace(book.facts, newest=newest)
    book.bound(most)
    return [each.sequence for each in kept if each is not None]


def _retry(sequences: Collection[int] | None, book: Book) -> int:
    there = book.sequences(["set_aside"])
    chosen = there if sequences is None else sorted(set(sequences).intersection(there))
    for row in filter(None, map(book.row, chosen)):
        book.put(replace(row, state="waiting", reason="", since=""))
    return len(chosen)


def _entries(state: State | None, after: int, book: Book) -> list[Row]:
    rows = book.rows("WHERE sequence > ? AND (? IS NULL OR state = ?) ORDER BY sequence", after, state, state)
    # In a damaged tree SQLite gives rows that were not asked for, and would do so for ever.
    return [row for row in islice(rows, PAGEFUL) if row.sequence > after]
