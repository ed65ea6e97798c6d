"""Keeps a receipt of what was refused, behind everything else: the data go first, and receipts may get lost.

Kept are refusals (4xx) by our routes and by what stands before them: not those of addresses that are none of
ours, which tell nothing but that somebody is looking around. 401 and 429 are kept as long as they are few: their
floods would push out everything else.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from sampler.backend import instants
from sampler.backend.commits import Commits
from sampler.backend.settings import Settings
from sampler.backend.store import Session, StoreUnavailable, receipts
from sampler.backend.store.receipts import Receipt
from sampler.backend.web.allowance import Allowance
from sampler.backend.web.visit import GONE, Visit

log = logging.getLogger(__name__)

_AT_ONCE = 100
_TRIMMED_AT_ONCE = 1000
_SURPLUS = 10
"""A tenth more than are wanted may be there for a while."""
_MAX_WAITING = 1000
_MAX_REASON = 1000
_MAX_PATH = 500
_PATIENCE_S = 2.0
_FLOODS = (401, 429)
_SECRET = "/auth/"  # noqa: S105 - where bodies hold passwords, however the path was written


class Ledger:
    """Takes receipts from the event loop and writes them, in turn with the requests' commits."""

    def __init__(
        self,
        commits: Commits,
        settings: Settings,
        dropped: Callable[[int], None],
    ) -> None:
        """Tell `dropped` of how many refusals no receipt is kept."""
        self._commits = commits
        self._dropped = dropped
        self._newest = settings.receipts
        self._kept_s = settings.receipts_kept_s
        self._waiting: deque[Receipt] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._floods = Allowance(burst=60, per_second=1.0)
        self._untrimmed = 0

    def note(self, visit: Visit) -> None:
        """Keep a receipt if the request was refused."""
        if not _is_refusal(visit):
            return
        busy = self._commits.busy or len(self._waiting) >= _MAX_WAITING
        if busy or (visit.status in _FLOODS and not self._floods.take()):
            self._dropped(1)
            return
        self._waiting.append(_receipt(visit))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def settled(self) -> None:
        """Wait, but not for long, until what was noted can be seen."""
        if self._writing:
            await asyncio.wait([self._writing], timeout=_PATIENCE_S)

    async def _write(self) -> None:
        # One operation at a time, whatever the number of refusals: they never fill the queue.
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            try:
                await self._commits.write(partial(self._store, batch=batch))
            except StoreUnavailable:
                self._dropped(len(batch))
            except Exception:
                log.exception("%s receipts could not be kept", len(batch))
                self._dropped(len(batch))

    def _store(self, session: Session, batch: Sequence[Receipt]) -> None:
        receipts.add(session, batch)
        self._untrimmed += len(batch)
        # To find what is too much it takes as long as there are many: not for each.
        if self._untrimmed * _SURPLUS >= self._newest:
            self._trim(session)

    def _trim(self, session: Session) -> int:
        self._untrimmed = 0
        before = instants.now() - self._kept_s * instants.TICKS_PER_SECOND
        return receipts.trim(session, self._newest, before, _TRIMMED_AT_ONCE)

    async def chore(self) -> bool:
        """Throw away some of what is too old or too much; see `maintenance`."""
        return await self._commits.write(self._trim) >= _TRIMMED_AT_ONCE


def _is_refusal(visit: Visit) -> bool:
    return 400 <= visit.status < 500 and visit.status != GONE and visit.endpoint is not None


def _receipt(visit: Visit) -> Receipt:
    return Receipt(
        at=instants.now(),
        method=visit.method,
        endpoint=visit.endpoint or "",
        path=visit.path[:_MAX_PATH],
        status=visit.status,
        who=visit.who,
        reason=reason(visit.answer)[:_MAX_REASON],
        body=b"" if (visit.endpoint or "").startswith(_SECRET) else visit.body,
        request_id=visit.name,
    )


def reason(answer: bytes) -> str:
    """Find in an answer's body why it is one: `detail` and `errors`, or, if it has neither, what it says."""
    try:
        said = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = None
    detail, errors = (said.get("detail"), said.get("errors")) if isinstance(said, dict) else (None, None)
    told = [str(detail)] if detail else []
    told += [msgspec.json.encode(errors).decode()] if errors else []
    words = ": ".join(told) or answer.decode(errors="replace")
    return words.replace("\0", "\ufffd")  # a text that PostgreSQL takes, too
