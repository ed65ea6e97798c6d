"""Who may ask what: contracts A to D are for the holders of tokens, where the backend is closed.

A route says in `opt={"scope": …}` what its caller's token must be for: one of `store.tokens.SCOPES`, or one for
each media type of its body, or None if anybody may ask. A route without it looks itself who asks (contract E).
Where the backend is open a token that is sent is not looked at: a device keeps its token though the network that
it is in has become a trusted one, and no outage of the store is a reason to refuse it. Pages of others are
refused there whatever they ask.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from sampler.backend.settings import Settings, is_loopback
from sampler.backend.store import Store, tokens
from sampler.backend.store.tokens import Token
from sampler.backend.web import asker
from sampler.backend.web.origins import is_addressed_from_afar, is_foreign

FRESH_S = 2.0
"""How long a revoked or expired token may still be taken."""
_NEW_S = 0.2
"""How long a new one may be unknown: a flood of wrong tokens has the store looked at no more often than that."""
_NO_TOKEN: dict[str, Any] = {"WWW-Authenticate": 'Bearer realm="sampler"'}
_WRONG_TOKEN: dict[str, Any] = {"WWW-Authenticate": 'Bearer realm="sampler", error="invalid_token"'}

_WRITING = {"POST", "PUT", "PATCH", "DELETE"}
Connection = ASGIConnection[Any, Any, Any, Any]


class KnownTokens:
    """The live tokens by their hashes, as they were in the store at most FRESH_S ago.

    All of them are read at once: a flood of wrong tokens costs the store no more than a right one.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: Mapping[bytes, Token] = {}
        self._read_at = -FRESH_S
        self._reading: asyncio.Task[None] | None = None

    async def find(self, token: str) -> Token | None:
        """Give what is known of a token that is live; raises StoreUnavailable if nobody can tell."""
        # Looking up a hash tells by its time nothing about how much of a token was right.
        name = tokens.hashed(token)
        age = self._monotonic() - self._read_at
        if age >= FRESH_S or (age >= _NEW_S and name not in self._known):
            await self._read()
        return self._known.get(name)

    async def _read(self) -> None:
        """Read them again, once for all who wait for it."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._load())
            self._reading.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._reading)

    async def _load(self) -> None:
        asked_at = self._monotonic()
        self._known = await asyncio.to_thread(self._live)
        self._read_at = asked_at

    def _live(self) -> Mapping[bytes, Token]:
        with self._store.reading() as session:
            return tokens.live(session, int(time.time()))


class Guard:
    """Stands before every route."""

    def __init__(self, settings: Settings, known: KnownTokens) -> None:
        self._closed = settings.wants_tokens
        # What was refused holds people's data: only who sits at the machine sees it without a token.
        self._admin_closed = self._closed or not is_loopback(settings.host)
        # Open because nobody said otherwise: then it is for this machine alone, and not for pages that come to it
        # under a name of theirs.
        self._near = settings.open is None
        self._pages = settings.cors
        self._known = known

    async def check(self, connection: Connection, route: BaseRouteHandler) -> None:
        """Let the request in, or raise what it is answered: 401, 403, or 503 if nobody can tell."""
        scopes = _scopes(route.opt.get("scope"), connection)
        if not (self._admin_closed if "admin" in scopes else self._closed):
            # Also where anybody may ask, and where a login is wanted: a page could try passwords, or read who is there.
            self._refuse_foreign_pages(connection)
            return
        if not scopes:
            return
        token = await self._token(connection)
        asker.note(connection, f"token {token.name}")
        if not any(token.allows(scope) for scope in scopes):
            wanted = " or ".join(scopes)
            challenge = f'Bearer realm="sampler", error="insufficient_scope", scope="{" ".join(scopes)}"'
            raise PermissionDeniedException(
                f"This token is not for {wanted}.", headers={"WWW-Authenticate": challenge}
            )

    def _refuse_foreign_pages(self, connection: Connection) -> None:
        if self._near and is_addressed_from_afar(connection.headers):
            raise PermissionDeniedException(
                "This backend is for its own machine, and this request was sent to a public name: "
                "--closed wants tokens, --open lets in everybody."
            )
        if connection.scope.get("method") in _WRITING and is_foreign(
            connection.headers, self._pages, under_any_name=not self._near
        ):
            raise PermissionDeniedException(
                "Pages of this origin may not write; --cors names those that may."
            )

    async def _token(self, connection: Connection) -> Token:
        scheme, _, secret = connection.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise NotAuthorizedException("It needs Authorization: Bearer and a token.", headers=_NO_TOKEN)
        token = await self._known.find(secret.strip())
        if token is None:
            raise NotAuthorizedException("The token is unknown, expired or revoked.", headers=_WRONG_TOKEN)
        return token


def _scopes(wanted: str | Mapping[str, str] | None, connection: Connection) -> list[str]:
    """Give the scopes of which the caller needs one."""
    if wanted is None or isinstance(wanted, str):
        return [wanted] if wanted else []
    media_type = connection.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    kind = "application/json" if media_type.endswith("json") else media_type
    # Of another kind, which the route will not take: any of them will do to be told so.
    return [wanted[kind]] if kind in wanted else list(wanted.values())
