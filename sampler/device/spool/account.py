"""What became of every measurement that was ever made: the sum that must come out."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sampler.device.spool.ledger import Range


@dataclass(slots=True)
class Account:
    """The recount. `waiting` includes those `held` for the clock; ranges are (first, last), both included.

    `missing`: numbers given out of which nobody knows what became. `doubled`: numbers accounted for twice.
    """

    produced: int
    delivered: int = 0
    waiting: int = 0
    held: int = 0
    set_aside: int = 0
    dropped: int = 0
    dropped_ranges: list[Range] = field(default_factory=list)
    missing: list[tuple[int, int]] = field(default_factory=list)
    doubled: list[tuple[int, int]] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """Tell whether every number is accounted for exactly once."""
        found = self.delivered + self.waiting + self.set_aside + self.dropped
        return found == self.produced and not self.missing and not self.doubled


def recount(produced: int, ledger: Iterable[Range], rows: Iterable[tuple[int, str]]) -> Account:
    """Add up, in one pass: the ledger's ranges and the rows (sequence, state), each ascending."""
    account = Account(produced)
    expected = 1
    spans = heapq.merge(_enter(account, ledger), _count(account, rows))
    for first, last in spans:
        if first > expected:
            account.missing.append((expected, first - 1))
        if first < expected:
            account.doubled.append((first, min(last, expected - 1)))
        expected = max(expected, last + 1)
    if expected <= produced:
        account.missing.append((expected, produced))
    return account


def _enter(account: Account, ledger: Iterable[Range]) -> Iterator[tuple[int, int]]:
    for entry in ledger:
        if entry.outcome == "delivered":
            account.delivered += len(entry)
        else:
            account.dropped += len(entry)
            account.dropped_ranges.append(entry)
        yield entry.first, entry.last


def _count(account: Account, rows: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    for sequence, state in rows:
        account.waiting += state in {"waiting", "held"}
        account.held += state == "held"
        account.set_aside += state == "set_aside"
        yield sequence, sequence
