"""A new spool from what is left of a damaged one. Every number that is lost on the way is entered as lost."""

import json
import secrets
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeVar

import apsw

from sampler.device.spool import schema
from sampler.device.spool.account import Account, recount
from sampler.device.spool.book import STATES, Book
from sampler.device.spool.errors import Damaged
from sampler.device.spool.ledger import Range
from sampler.device.spool.rows import Facts, Row, Stretch, checked
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
        self._newest = 0

    def run(self, *, log_broken: bool) -> Salvaged:
        """Read all that the trees reach, then, if numbers are missing, whatever lies on any page."""
        known = self._facts
        schema.create(self._db)
        self._take_facts([*self._wreck.read("facts", "id"), *self._wreck.read("facts_copy", "id")])
        self._take_ledger()
        window_lost = not self._take_window()
        for stretch in _valid(Stretch, self._wreck.read("stretch", "id")):
            self._book.add_stretch(stretch)
        self._take_rows(self._wreck.read("measurement", "sequence"))
        if self._facts is None or log_broken or self._account().missing:
            self._carve()
        # Numbers that were given out and are known to nobody may have been sent: they must not come again.
        return self._conclude(window_lost=window_lost, uncertain=log_broken and known is None)

    def _take_facts(self, rows: Iterable[Values]) -> None:
        found = [*_valid(Facts, rows), *([self._facts] if self._facts else [])]
        self._facts = max(found, key=lambda facts: facts.sequence, default=None)

    def _take_ledger(self) -> None:
        copies = [*self._wreck.read("ledger", "first"), *self._wreck.read("ledger_copy", "first")]
        last = 0
        for entry in sorted(_valid(Range, copies), key=lambda entry: entry.first):
            if entry.last > last:  # else the other copy has said it
                self._gone.append(replace(entry, first=max(entry.first, last + 1)))
                self._book.ledger.enter(self._gone[-1])
                last = entry.last

    def _take_window(self) -> bool:
        """Tell whether the open window is whole, if there was one."""
        try:
            for values in self._wreck.read("window", "id"):
                self._book.window = Window.from_json(json.loads(checked(values)[1]))
        except Damaged:
            return False
        return self._wreck.whole

    def _take_rows(self, rows: Iterable[Values]) -> None:
        for row in _valid(Row, rows):
            if not self._is_gone(row.sequence):
                self._newest = max(self._newest, row.end)
                self._book.put(row)

    def _is_gone(self, sequence: int) -> bool:
        before = bisect_right(self._gone, sequence, key=lambda entry: entry.first)
        return before > 0 and sequence <= self._gone[before - 1].last

    def _carve(self) -> None:
        """Fill the gaps, and what comes after all that is known, from the raw pages."""
        gaps, produced = self._account().missing, self._produced
        for values in self._wreck.carve():
            if len(values) == 3 and values[0] == 1 and str(values[1]).startswith('{"spool_id"'):
                self._take_facts([values])
            elif len(values) == 5 and values[1] in STATES and _in(values[0], gaps, produced):
                self._take_rows([values])

    @property
    def _produced(self) -> int:
        rows = self._db.execute("SELECT max(sequence) FROM measurement").get or 0
        gone = self._gone[-1].last if self._gone else 0
        return max(rows, gone, self._facts.sequence if self._facts else 0)

    def _account(self) -> Account:
        rows = self._db.execute("SELECT sequence, state FROM measurement NOT INDEXED ORDER BY sequence")
        return recount(self._produced, self._book.ledger, rows)

    def _conclude(self, *, window_lost: bool, uncertain: bool) -> Salvaged:
        account, facts = self._account(), self._facts
        for first, last in account.missing:
            self._book.ledger.enter(Range(first, last, "dropped", LOST))
        renamed = facts is None or facts.sequence < account.produced or uncertain
        spool_id = secrets.token_hex(4) if facts is None or renamed else facts.spool_id
        facts = facts or Facts(spool_id)
        newest = max(facts.newest, self._newest)
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
