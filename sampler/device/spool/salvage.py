"""A new spool from what is left of a damaged one. Every number that is lost on the way is entered as lost."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeVar

import apsw

from sampler.device.spool import schema
from sampler.device.spool.account import Account, recount
from sampler.device.spool.book import Book
from sampler.device.spool.errors import Damaged
from sampler.device.spool.ledger import OUTCOMES, Range
from sampler.device.spool.rows import STATES, Facts, Stretch, intact, window_of
from sampler.device.spool.wreck import Wreck
from sampler.device.window import Window

LOST = "lost with a damaged page"

Values = tuple[Any, ...]


class _Readable(Protocol):
    @classmethod
    def read(cls, values: Values) -> Self: ...


T = TypeVar("T", bound=_Readable)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What has come of it. `blank`: nothing could be read, and nobody knows what was there."""

    spool_id: str
    saved: int
    lost: list[tuple[int, int]]
    window_lost: bool
    renamed: bool
    blank: bool

    def __str__(self) -> str:
        if self.blank:
            return (
                f"nothing in it could be read, what it held is unknown; a new spool begins, {self.spool_id}"
            )
        lost = ", ".join(f"{first} to {last}" if first < last else f"{first}" for first, last in self.lost)
        parts = (
            f"{self.saved} measurements are saved",
            f"lost are {lost}" if lost else "none is lost",
            "the open window is lost" if self.window_lost else "",
            f"numbers go on under a new identity, {self.spool_id}" if self.renamed else "",
        )
        return "; ".join(filter(None, parts))


class Salvage:
    """Fills a new, empty file with everything that can be read of a damaged one."""

    def __init__(self, wreck: Wreck, db: apsw.Connection, known: Facts | None) -> None:
        """Take `known`, the facts as this process last wrote them, if it did."""
        self._db = db
        self._book = Book(db)
        self._wreck = wreck
        self._facts = known
        self._gone: list[Range] = []

    def run(self, *, log_broken: bool) -> Salvaged:
        """Read all that the trees reach, then, if anything is missing, whatever lies on any page."""
        known = self._facts
        schema.create(self._db)
        self._take_facts([*self._wreck.read("facts", "id"), *self._wreck.read("facts_copy", "id")])
        self._take_ledger([*self._wreck.read("ledger", "first"), *self._wreck.read("ledger_copy", "first")])
        whole = self._take_window(self._wreck.read("window", "id")) and self._wreck.whole
        for stretch in _valid(Stretch, self._wreck.read("stretch", "id")):
            self._book.add_stretch(stretch)
        self._take_rows(self._wreck.read("measurement", "sequence"))
        if self._facts is None or log_broken or self._account().missing:
            whole = self._carve(log_broken=log_broken) and whole
        self._let_go_again()
        # Numbers that were given out and are known to nobody may have been sent: they must not come again.
        return self._conclude(window_lost=not whole, uncertain=log_broken and known is None)

    def _take_facts(self, rows: Iterable[Values]) -> None:
        found = [*_valid(Facts, rows), *([self._facts] if self._facts else [])]
        self._facts = max(found, key=lambda facts: facts.sequence, default=None)

    def _take_ledger(self, rows: Iterable[Values]) -> None:
        """Enter ranges, which may overlap: whatever was true of a measurement that left is so for ever."""
        found, self._gone = sorted([*self._gone, *_valid(Range, rows)], key=lambda entry: entry.first), []
        last = 0
        for entry in found:
            if entry.last > last:
                self._gone.append(replace(entry, first=max(entry.first, last + 1)))
                last = entry.last
        self._book.ledger.replace(self._gone)

    def _take_window(self, rows: Iterable[Values]) -> bool:
        """Take the last of the windows, and tell whether all were whole."""
        whole = True
        for values in rows:
            try:
                self._book.window = window_of(values)
            except Damaged:
                whole = False
        return whole

    def _take_rows(self, rows: Iterable[Values]) -> None:
        fit = (row for row in rows if intact(row) and row[1] in STATES)
        self._book.put_all(row for row in fit if not self._is_gone(row[0]))

    def _is_gone(self, sequence: int) -> bool:
        before = bisect_right(self._gone, sequence, key=lambda entry: entry.first)
        return before > 0 and sequence <= self._gone[before - 1].last

    def _carve(self, *, log_broken: bool) -> bool:
        """Fill the gaps, and what comes after all that is known, from the raw pages; False if the window is old."""
        gaps, produced, ledger = self._account().missing, self._produced, []
        for values, logged in self._wreck.carve():
            what = str(values[1] if len(values) == 3 else values[2] if len(values) == 5 else "")
            if what.startswith('{"spool_id"'):
                self._take_facts([values])
            elif what.startswith('{"adc"') and log_broken:
                self._take_window([values])
            elif what in OUTCOMES:
                ledger.append(values)
            elif len(values) == 5 and ((logged and log_broken) or _in(values[0], gaps, produced)):
                self._take_rows([values])  # what was logged last is the newest
        self._take_ledger(ledger)
        for entry in self._gone:
            self._db.execute(
                "DELETE FROM measurement WHERE sequence BETWEEN ? AND ?", (entry.first, entry.last)
            )
        return not log_broken or self._forget_old_window()

    def _forget_old_window(self) -> bool:
        """Tell whether the window found is one that has not been closed since."""
        window = self._book.window
        if window is not None and self._has_closed(window):
            self._book.window = None
        return self._book.window is not None

    def _has_closed(self, window: Window) -> bool:
        last = self._book.row(self._produced)
        if last and last.span and last.span.boot_id == window.boot_id:
            return window.opened <= last.span.opened  # a label that was moved does not tell
        return window.start < self._newest

    @property
    def _newest(self) -> int:
        rows = self._db.execute(
            "SELECT max(json_extract(body, '$.end')) FROM measurement WHERE state <> 'held'"
        ).get
        return max(rows or 0, self._facts.newest if self._facts else 0)

    @property
    def _produced(self) -> int:
        rows = self._db.execute("SELECT max(sequence) FROM measurement").get or 0
        gone = self._gone[-1].last if self._gone else 0
        return max(rows, gone, self._facts.sequence if self._facts else 0)

    def _let_go_again(self) -> None:
        """Let go what is held on an older page alone: all that is held goes at once, and a later one has gone.

        Which label it had is lost. Right before the next one it overlaps none; mostly it was that one.
        """
        later = "WHERE sequence > ? AND state <> 'held' AND start >= ? ORDER BY sequence LIMIT 1"
        for row in sorted(self._book.held(), key=lambda row: row.sequence, reverse=True):
            after = next(self._book.rows(later, row.sequence, row.start), None)
            if after is not None:
                self._book.put(row.released(after.start - row.end))

    def _account(self) -> Account:
        rows = self._db.execute("SELECT sequence, state FROM measurement NOT INDEXED ORDER BY sequence")
        return recount(self._produced, self._book.ledger, rows)

    def _conclude(self, *, window_lost: bool, uncertain: bool) -> Salvaged:
        account, facts = self._account(), self._facts
        for first, last in account.missing:
            self._book.ledger.enter(Range(first, last, "dropped", LOST))
        renamed = facts is None or facts.sequence < account.produced or uncertain
        spool_id = apsw.randomness(4).hex() if facts is None or renamed else facts.spool_id
        facts = facts or Facts(spool_id)
        newest = self._newest if renamed else facts.newest
        self._book.facts = replace(facts, spool_id=spool_id, sequence=account.produced, newest=newest)
        saved = account.waiting + account.set_aside
        blank = account.produced == 0 and renamed
        return Salvaged(spool_id, saved, account.missing, window_lost, renamed, blank)


def _valid(kind: type[T], rows: Iterable[Values]) -> Iterator[T]:
    """Give the rows that are what was written."""
    for values in rows:
        try:
            yield kind.read(values)
        except Damaged:
            continue


def _in(sequence: int, gaps: list[tuple[int, int]], produced: int) -> bool:
    return sequence > produced or any(first <= sequence <= last for first, last in gaps)
