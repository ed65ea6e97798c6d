"""Which requests are repetitions: those with the same Idempotency-Key from the same one at the same place."""

import hashlib
from typing import Any

from litestar import Request, Response

from sampler.backend.store.answers import Answer, Once
from sampler.backend.web import asker
from sampler.backend.web.problems import Invalid

KEY = "Idempotency-Key"
_MAX_KEY = 200


def once(request: Request[Any, Any, Any], body: bytes, who: str = "") -> Once | None:
    """Give what makes this request recognisable, None without a key. Raises Invalid.

    `who` asks: a user or customer; where the room names nobody it is the token that the guard has noted, if any.
    """
    return of_fingerprint(request, hashlib.sha256(body).digest(), who)


def of_fingerprint(request: Request[Any, Any, Any], fingerprint: bytes, who: str = "") -> Once | None:
    """Give the same of a body that was not read in one piece, or must not be told from its fingerprint."""
    key = request.headers.get(KEY)
    if key is None:
        return None
    if not (0 < len(key) <= _MAX_KEY and key.isascii() and key.isprintable()):
        raise Invalid({KEY: [f"The key must have 1 to {_MAX_KEY} printable ASCII characters."]})
    sender = who or asker.of(request.scope) or ""
    # Not request.url, which is made of the header Host, too, and cannot be made of any.
    return Once(f"{request.method} {request.scope['path']} {sender}".rstrip(), key, fingerprint)


def response(answer: Answer) -> Response[bytes]:
    """Give the answer to the client."""
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type)
