"""What must survive: measurements until they are delivered, the open window, and the account of all of them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sampler.device.kept import Kept, Quality
from sampler.device.spool.account import Account, recount
from sampler.device.spool.book import PAGEFUL, STATES, Book
from sampler.device.spool.disk import Disk
from sampler.device.spool.rows import REASON_LENGTH, Row, State
from sampler.device.window import Window
from sampler.measurement import TemperatureMeasurement, from_milliseconds, iso

BATCH = 1_000
"""How many recorded windows are stored in one transaction."""


@dataclass(frozen=True, slots=True)
class Resumption:
    """What a daemon goes on with. `newest`: the latest label end given for good, ns since 1970, 0 if there is none.

    `held_since`: of each boot that left measurements held back, the monotonic instant, ns, at which the first opened.
    """

    spool_id: str
    sequence: int
    newest: int
    window: Window | None
    held_since: dict[str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A measurement of the backlog, for people to read."""

    sequence: int
    key: str
    state: State
    measurement: TemperatureMeasurement
    quality: Quality
    reason: str
    since: str


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """How the spool stands. `waiting` includes those `held` for the clock; `empty` counts windows without a reading."""

    spool_id: str
    sequence: int
    delivered: int
    waiting: int
    held: int
    set_aside: int
    dropped: int
    empty: int
    newest: int
    window: Window | None
    last_delivery: dict[str, Any] | None
    last_error: dict[str, Any] | None


class Spool:
    """The spool. Every method raises SpoolUnavailable, with nothing done, while the disk does not take it.

    Safe for several threads, and for other processes with a spool of their own on the same file.
    """

    def __init__(self, path: Path, max_measurements: int) -> None:
        """Touch nothing yet: the file is opened, or made, at first use."""
        self._disk = Disk(path)
        self._most = max_measurements

    def close(self) -> None:
        """Let the file go; it is opened again if need be."""
        self._disk.close()

    # For the flow that keeps.

    def resume(self) -> Resumption:
        """Tell where the last daemon stopped."""
        return self._disk.read(_resume)

    def journal(self, window: Window) -> None:
        """Write down the open window as it stands."""

        def work(book: Book) -> None:
            _settle(book, window, window)
            book.window = window
            book.bound(self._most)

        self._disk.write(work)

    def turn(
        self, closed: Window, opened: Window, *, hold: bool = False, relabel: int | None = None
    ) -> Kept | None:
        """Make a measurement of the window that closed, and journal the one that opened. None if it had no reading.

        `hold`: its times are not known yet. `relabel`: now they are, for all that this boot has held back: monotonic
        instants plus this many ns are wall time.
        """

        def work(book: Book) -> Kept | None:
            if _same(book.window, opened):
                return _turned(book, closed)
            _settle(book, closed, closed)
            kept = book.close(closed, held=hold or (relabel is not None and closed.clock == "unset"))
            if relabel is not None:
                kept = _relabel(book, relabel, kept)
            book.window = opened
            book.bound(self._most)
            return kept

        return self._disk.write(work)

    def release(self) -> int:
        """Let all held measurements go as they are, marked; give their number."""

        def work(book: Book) -> int:
            rows = book.held()
            book.release(rows, Row.released)
            return len(rows)

        return self._disk.write(work)

    def lose(self, count: int, start: int, end: int, reason: str) -> None:
        """Number windows that could not be kept while the disk was away, and drop them by name; times in ns since 1970."""
        period = f"{_label(start)} to {_label(end)}"
        self._disk.write(lambda book: book.lose(count, f"{reason}, {period}"))

    # For the flow that delivers.

    def newest_waiting(self, limit: int = 10, without: Collection[int] = ()) -> list[Kept]:
        """Give the last measurements by time that wait, in the order of their times."""
        rows = self._disk.write(lambda book: book.newest_waiting(limit, without))
        return [row.kept for row in reversed(rows)]

    def delivered(self, sequences: Collection[int], at: datetime) -> None:
        """Remove what a backend has taken. What is gone already stays as it was entered."""

        def work(book: Book) -> None:
            rows = book.deliver(sequences)
            if rows:
                last = {"time": iso(at), "sequence": rows[-1].sequence, "count": len(rows)}
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
        """Store closed windows of a recorded log as waiting measurements; give their sequence numbers."""
        raise NotImplementedError

    def entries(self, state: State | None = None) -> Iterator[Entry]:
        """Give what is in the spool, of one state or of all, oldest first."""
        clause = f"WHERE sequence > ? AND (? IS NULL OR state = ?) ORDER BY sequence LIMIT {PAGEFUL}"
        after = 0
        while rows := self._disk.read(lambda book: list(book.rows(clause, after, state, state))):
            for row in rows:
                yield _entry(row)
            after = rows[-1].sequence

    def retry(self, sequences: Collection[int] | None = None) -> int:
        """Let measurements that were set aside wait again, all of them if none are named; give their number."""

        def work(book: Book) -> int:
            rows = [row for row in _chosen(book, sequences) if row.state == "set_aside"]
            for row in rows:
                book.put(replace(row, state="waiting", reason="", since=""))
            return len(rows)

        return self._disk.write(work)

    def drop(self, sequences: Collection[int] | None, reason: str, states: Collection[State] = STATES) -> int:
        """Remove measurements for good, by name, all of these states if none are named; give their number."""

        def work(book: Book) -> int:
            rows = [row.sequence for row in _chosen(book, sequences) if row.state in states]
            return book.drop(rows, reason)

        return self._disk.write(work)

    def status(self) -> SpoolStatus:
        """Tell how the spool stands."""
        return self._disk.read(_status)

    def verify(self) -> Account:
        """Recount every measurement from the rows themselves."""
        return self._disk.read(_verify)


def _resume(book: Book) -> Resumption:
    facts = book.facts
    spans = [row.span for row in book.held() if row.span is not None]
    since = {span.boot_id: span.opened for span in sorted(spans, key=lambda span: -span.opened)}
    return Resumption(facts.spool_id, facts.sequence, facts.newest, book.window, since)


def _settle(book: Book, window: Window, successor: Window) -> None:
    """Close the journalled window if it was left behind, and release what can never be labelled."""
    strangers = [row for row in book.held() if row.span is None or row.span.boot_id != window.boot_id]
    if strangers:
        book.release(strangers, Row.released)
    left = book.window
    if left is not None and not _same(left, window):
        closed = left.left_behind(successor)
        held = closed.clock == "unset" and closed.boot_id == successor.boot_id
        book.close(closed, held=held)


def _same(one: Window | None, other: Window) -> bool:
    return one is not None and (one.boot_id, one.opened) == (other.boot_id, other.opened)


def _turned(book: Book, closed: Window) -> Kept | None:
    """Find what an earlier, interrupted call of `turn` has made of the window after all."""
    row = book.row(book.facts.sequence)
    return row.kept if row is not None and row.measurement == closed.close() else None


def _relabel(book: Book, offset: int, kept: Kept | None) -> Kept | None:
    book.release(book.held(), lambda row: row.labelled(offset))
    row = None if kept is None else book.row(kept.sequence)
    return None if row is None else row.kept


def _chosen(book: Book, sequences: Collection[int] | None) -> Iterable[Row]:
    if sequences is None:
        return book.rows("")
    return [row for row in map(book.row, sequences) if row is not None]


def _entry(row: Row) -> Entry:
    kept = row.kept
    return Entry(row.sequence, kept.key, row.state, kept.measurement, kept.quality, row.reason, row.since)


def _status(book: Book) -> SpoolStatus:
    facts = book.facts
    gone = {"delivered": 0, "dropped": 0}
    for entry in book.ledger:
        gone[entry.outcome] += len(entry)
    held = book.count("held")
    return SpoolStatus(
        facts.spool_id,
        facts.sequence,
        gone["delivered"],
        book.count("waiting") + held,
        held,
        book.count("set_aside"),
        gone["dropped"],
        facts.empty,
        facts.newest,
        book.window,
        facts.last_delivery,
        facts.last_error,
    )


def _verify(book: Book) -> Account:
    rows = book.rows("NOT INDEXED ORDER BY sequence")
    return recount(book.facts.sequence, book.ledger, ((row.sequence, row.state) for row in rows))


def _label(nanoseconds: int) -> str:
    return iso(from_milliseconds(nanoseconds // 1_000_000))
