"""What the spool tells: where a daemon goes on, what is in the backlog, how it all stands."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

from sampler.device.kept import Quality
from sampler.device.spool.book import Book
from sampler.device.spool.rows import Row, State
from sampler.device.window import Window
from sampler.measurement import TemperatureMeasurement


@dataclass(frozen=True, slots=True)
class Resumption:
    """What a daemon goes on with. `newest`: the latest label end given for good, ns since 1970, 0 if there is none.

    `held_since`: of each boot that left windows held back, the monotonic instant, ns, at which the first opened.
    """

    spool_id: str
    sequence: int
    newest: int
    window: Window | None
    held_since: dict[str, int]

    @classmethod
    def of(cls, book: Book) -> Self:
        """Look it up."""
        facts = book.facts
        held = [*(row.span for row in book.held()), *(stretch.span for stretch in book.stretches())]
        spans = filter(None, held)
        since = {span.boot_id: span.opened for span in sorted(spans, key=lambda span: -span.opened)}
        return cls(facts.spool_id, facts.sequence, facts.newest, book.window, since)


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

    @classmethod
    def of(cls, row: Row) -> Self:
        """Show a row."""
        kept = row.kept
        return cls(row.sequence, kept.key, row.state, kept.measurement, kept.quality, row.reason, row.since)


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

    @classmethod
    def of(cls, book: Book) -> Self:
        """Look it up."""
        facts, counts = book.facts, book.counts()
        gone: Counter[str] = Counter()
        for entry in book.ledger:
            gone[entry.outcome] += len(entry)
        return cls(
            facts.spool_id,
            facts.sequence,
            gone["delivered"],
            counts["waiting"] + counts["held"],
            counts["held"],
            counts["set_aside"],
            gone["dropped"],
            facts.empty,
            facts.newest,
            book.window,
            facts.last_delivery,
            facts.last_error,
        )
