"""Batches that are too large for one commit: nobody sees their rows until the last of them is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sampler.backend.store import Session, StoreUnavailable
from sampler.backend.store.environment import rows
from sampler.backend.store.environment.rows import Stored, Values

_BEGIN = "INSERT INTO environment_unfinished (batch, last, touched) VALUES (:batch, :batch, :now)"
_TOUCH = "UPDATE environment_unfinished SET last = :last, touched = :now WHERE batch = :batch"
_OPEN = "SELECT 1 FROM environment_unfinished WHERE batch = :batch AND touched > 0"
_LAST = "SELECT last FROM environment_unfinished WHERE batch = :batch"
_GIVE_UP = "UPDATE environment_unfinished SET touched = 0 WHERE batch = :batch"
_PUBLISH = "DELETE FROM environment_unfinished WHERE batch = :batch"
_ABANDONED = "SELECT batch FROM environment_unfinished WHERE touched < :before ORDER BY batch"
# The numbers of a batch's rows lie between its own and its last, with those that others stored meanwhile.
_RANGE = "number > :after AND number <= :last AND batch = :batch ORDER BY number LIMIT :many"
_PAGE = f"SELECT number, sensor, time, temperature, humidity, pressure FROM environment WHERE {_RANGE}"  # noqa: S608 - constants
_REMOVE = f"DELETE FROM environment WHERE number IN (SELECT number FROM environment WHERE {_RANGE})"  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that everybody may see: its number, and that of its last row."""

    number: int
    last: int


def begin(session: Session, now: int) -> int:
    """Begin a batch at that second since 1970; give its number."""
    batch = rows.new_numbers(session, 1)
    session.run(_BEGIN, batch=batch, now=now)
    return batch


def add(session: Session, batch: int, user: int, more: Sequence[Values], now: int) -> Batch:
    """Store more of its rows. Raises StoreUnavailable if it was given up meanwhile: the client is to come again."""
    if session.row(_OPEN, batch=batch) is None:
        raise StoreUnavailable("the batch took so long that it was given up")
    last = rows.add(session, user, more, batch) + len(more) - 1
    session.run(_TOUCH, batch=batch, last=last, now=now)
    return Batch(batch, last)


def publish(session: Session, batch: int) -> None:
    """Let its rows be seen, from the end of the transaction on."""
    session.run(_PUBLISH, batch=batch)


def page(session: Session, batch: Batch, after: int, many: int) -> list[Stored]:
    """Give so many of its rows behind the one of that number, in the order in which they came."""
    found = session.rows(
        _PAGE, batch=batch.number, last=batch.last, after=max(after, batch.number), many=many
    )
    return [Stored(number, Values(*values)) for number, *values in found]


def abandoned(session: Session, before: int) -> list[int]:
    """Give the batches that are not whole and had no row since before that second."""
    return [batch for (batch,) in session.rows(_ABANDONED, before=before)]


def remove_some(session: Session, batch: int, many: int) -> bool:
    """Give up a batch that is not whole: remove so many of its rows, and say whether there may be more.

    Of a batch that is whole nothing is removed.
    """
    unfinished = session.row(_LAST, batch=batch)
    if unfinished is None:
        return False
    session.run(_GIVE_UP, batch=batch)
    removed = session.run(_REMOVE, batch=batch, last=unfinished[0], after=batch, many=many)
    if removed < many:
        session.run(_PUBLISH, batch=batch)  # there is nothing left to be seen
    return removed == many
