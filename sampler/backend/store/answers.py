"""First answers, kept under the keys of their requests, so that a repetition gets them again and does nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sampler.backend.store import Session

_FIND = "SELECT fingerprint, status, media_type, body FROM answers WHERE scope = :scope AND key = :key"
_KEEP = """
INSERT INTO answers (scope, key, fingerprint, status, media_type, body, stored)
VALUES (:scope, :key, :fingerprint, :status, :media_type, :body, :stored)
"""
_FORGET = """
DELETE FROM answers WHERE (scope, key) IN
(SELECT scope, key FROM answers WHERE stored < :before ORDER BY stored LIMIT :many)
"""
_UNSET = 1_577_836_800
"""2020-01-01, in seconds since 1970: a clock that shows less has not been set."""
_DATE = """
UPDATE answers SET stored = :now WHERE (scope, key) IN
(SELECT scope, key FROM answers WHERE stored < :unset LIMIT :many)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is told."""

    status: int
    body: bytes = b""
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Once:
    """What makes a repetition recognisable: who asks where, under which key, and a fingerprint of the body."""

    scope: str
    key: str
    fingerprint: bytes


class KeyReused(Exception):  # noqa: N818 - it says what it is
    """The key stands for a request with another body. Refuse it; a repetition cannot cure it."""


def once(session: Session, request: Once | None, work: Callable[[Session], Answer]) -> Answer:
    """Do the work and keep its answer, in one transaction; of a repetition, give the first answer.

    Without a key the work is done each time. Raises KeyReused, and what the work raises.
    """
    first = earlier(session, request) if request else None
    if first:
        return first
    answer = work(session)
    if request:
        keep(session, request, answer)
    return answer


def earlier(session: Session, request: Once) -> Answer | None:
    """Give the answer that the request has had, if it is a repetition. Raises KeyReused."""
    row = session.row(_FIND, scope=request.scope, key=request.key)
    if row is None:
        return None
    fingerprint, status, media_type, body = row
    if fingerprint != request.fingerprint:
        raise KeyReused(f"the Idempotency-Key {request.key} was used for a request with another body")
    return Answer(status, body, media_type)


def keep(session: Session, request: Once, answer: Answer) -> None:
    """Keep the answer for repetitions."""
    session.run(
        _KEEP,
        scope=request.scope,
        key=request.key,
        fingerprint=request.fingerprint,
        status=answer.status,
        media_type=answer.media_type,
        body=answer.body,
        stored=int(time.time()),
    )


def forget(session: Session, now: int, kept_s: int, many: int) -> int:
    """Forget answers that have been kept for so long, so many at most; give how many were seen to.

    What was kept before the clock was set counts from when it is: it would be half a century old at once.
    """
    dated = session.run(_DATE, now=now, unset=_UNSET, many=many) if now >= _UNSET else 0
    return dated or session.run(_FORGET, before=now - kept_s, many=many)
