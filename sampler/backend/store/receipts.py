"""The ledger of what was refused: a bounded number of receipts, the newest."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from sampler.backend.store import HIGHEST, Session, Value


@dataclass(frozen=True, slots=True)
class Receipt:
    """One refusal; `at` is in ticks of 100 ns since 1970 (UTC)."""

    at: int
    method: str
    endpoint: str
    """The route's template."""
    path: str
    """As it came, percent-encoded, without the query."""
    status: int
    who: str | None
    reason: str
    body: bytes
    """Its first KiB, as far as it was read and is nobody's secret."""
    request_id: str


Place = tuple[int, int]
"""Where a receipt stands in the ledger: its (at, number)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which receipts are asked for: those of [start, end), the newest first; None stands for any."""

    limit: int
    start: int | None = None
    end: int | None = None
    endpoint: str | None = None
    who: str | None = None
    status: int | None = None
    before: Place | None = None
    """The place in front of which the page begins."""


_COLUMNS = ", ".join(field.name for field in fields(Receipt))
_ADD = f"""
INSERT INTO receipts ({_COLUMNS})
VALUES (:at, :method, :endpoint, :path, :status, :who, :reason, :body, :request_id)
"""  # noqa: S608 - constants
_FIND = f"""
SELECT number, {_COLUMNS} FROM receipts
WHERE at >= :start AND at < :end AND (at, number) < (:before_at, :before_number)
AND (CAST(:endpoint AS TEXT) IS NULL OR endpoint = :endpoint)
AND (CAST(:who AS TEXT) IS NULL OR who = :who)
AND (CAST(:status AS BIGINT) IS NULL OR status = :status)
ORDER BY at DESC, number DESC LIMIT :limit
"""  # noqa: S608 - constants
_TRIM_SURPLUS = """
DELETE FROM receipts WHERE number IN
(SELECT number FROM receipts ORDER BY at DESC, number DESC LIMIT :many OFFSET :newest)
"""
_TRIM_OLD = """
DELETE FROM receipts WHERE number IN (SELECT number FROM receipts WHERE at < :before ORDER BY at LIMIT :many)
"""


def add(session: Session, receipts: Iterable[Receipt]) -> None:
    """Put them into the ledger."""
    session.run_many(_ADD, [asdict(receipt) for receipt in receipts])


def find(session: Session, wanted: Wanted) -> list[tuple[Place, Receipt]]:
    """Give the receipts that are asked for, and where they stand."""
    return [
        ((receipt.at, number), receipt)
        for number, *values in session.rows(_FIND, **_bindings(wanted))
        for receipt in [Receipt(*values)]
    ]


def trim(session: Session, newest: int, before: int, many: int) -> int:
    """Throw away what is older than that tick or not among the `newest`, so many of each at most; give how many."""
    surplus = session.run(_TRIM_SURPLUS, newest=newest, many=many)
    return surplus + session.run(_TRIM_OLD, before=before, many=many)


def _bindings(wanted: Wanted) -> dict[str, Value]:
    before_at, before_number = wanted.before or (HIGHEST, 0)
    return {
        "start": wanted.start if wanted.start is not None else 0,
        "end": wanted.end if wanted.end is not None else HIGHEST,
        "endpoint": wanted.endpoint,
        "who": wanted.who,
        "status": wanted.status,
        "before_at": before_at,
        "before_number": before_number,
        "limit": wanted.limit,
    }
