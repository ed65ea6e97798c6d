"""What became of each measurement that is no longer in the spool, as merged ranges of sequence numbers."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

import apsw

from sampler.device.spool.errors import Damaged
from sampler.device.spool.rows import checked, seal

Outcome = Literal["delivered", "dropped"]
OUTCOMES: tuple[Outcome, ...] = ("delivered", "dropped")


@dataclass(frozen=True, slots=True)
class Range:
    """Sequence numbers first to last, both included, that went the same way; `reason` says why they were dropped."""

    first: int
    last: int
    outcome: Outcome
    reason: str = ""

    def __len__(self) -> int:
        return self.last - self.first + 1

    @classmethod
    def read(cls, values: tuple[Any, ...]) -> Self:
        """Read a row (first, last, outcome, reason, crc). Raises Damaged."""
        entry = cls(*checked(values))
        if entry.outcome not in OUTCOMES:
            raise Damaged("a row of another table lies in the ledger")
        return entry

    def values(self) -> tuple[Any, ...]:
        """Give the row (first, last, outcome, reason, crc)."""
        meant = (self.first, self.last, self.outcome, self.reason)
        return (*meant, seal(*meant))

    def alike(self, other: "Range") -> bool:
        """Tell whether the two say the same of their measurements."""
        return (self.outcome, self.reason) == (other.outcome, other.reason)


class Ledger:
    """The ranges in the file, each in both copies. A range that touches one like it becomes one with it."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def __iter__(self) -> Iterator[Range]:
        return map(Range.read, self._db.execute("SELECT * FROM ledger ORDER BY first"))

    def enter(self, entry: Range) -> None:
        """Enter a range none of whose numbers is in the ledger yet."""
        for neighbour in self._neighbours(entry):
            if neighbour.alike(entry):
                self._write("DELETE FROM {} WHERE first = ?", (neighbour.first,))
                first, last = min(entry.first, neighbour.first), max(entry.last, neighbour.last)
                entry = Range(first, last, entry.outcome, entry.reason)
        self._write("INSERT INTO {} VALUES (?, ?, ?, ?, ?)", entry.values())

    def enter_all(self, sequences: Collection[int], outcome: Outcome, reason: str = "") -> None:
        """Enter single numbers, in any order."""
        for first, last in runs(sequences):
            self.enter(Range(first, last, outcome, reason))

    def replace(self, entries: Iterable[Range]) -> None:
        """Begin anew with these ranges, none of which overlaps another."""
        self._write("DELETE FROM {}", ())
        for entry in entries:
            self.enter(entry)

    def _neighbours(self, entry: Range) -> Iterator[Range]:
        before = "SELECT * FROM ledger WHERE first < ? ORDER BY first DESC LIMIT 1"
        after = "SELECT * FROM ledger WHERE first = ?"
        found = [*self._db.execute(before, (entry.first,)), *self._db.execute(after, (entry.last + 1,))]
        return (
            near for near in map(Range.read, found) if near.last == entry.first - 1 or near.first > entry.last
        )

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        for table in ("ledger", "ledger_copy"):
            self._db.execute(statement.format(table), values)


def runs(sequences: Collection[int]) -> Iterator[tuple[int, int]]:
    """Gather numbers into runs without gaps: first and last of each, ascending."""
    first = last = None
    for number in sorted(set(sequences)):
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last
