"""Sessions: what a login begins, a refresh prolongs and a logout ends."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sampler.backend.accounts.tokens import REFRESH_S, NotSignedIn, Ticket, Tokens, new_session
from sampler.backend.commits import Commits
from sampler.backend.store import Session, Store
from sampler.backend.store import accounts as table

BELIEVED_S = 10.0
"""How long a session is believed to go on after it was seen in the store: so long a logout elsewhere may take."""
_REMEMBERED = 10_000
GRACE_S = 10
"""How long after its change a refresh token still gives the same next one, to a client that lost the answer."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What a client gets: the token for its requests and the one for the next pair."""

    access_token: str
    refresh_token: str


class Sessions:
    """Begins, prolongs, ends and looks up sessions. Each method raises StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        tokens: Tokens,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._commits = commits
        self._tokens = tokens
        self._monotonic = monotonic
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def user(self, token: str) -> int:
        """Give the user whom an access token stands for. Raises NotSignedIn."""
        ticket = self._tokens.read_access(token)
        user, seen = self._seen.get(ticket.session, (0, float("-inf")))
        if self._monotonic() - seen > BELIEVED_S:
            user = await self._look_up(ticket)
        if user != ticket.user:
            raise NotSignedIn("the session has ended")
        return user

    async def _look_up(self, ticket: Ticket) -> int:
        began = self._monotonic()
        standing = await asyncio.to_thread(self._standing, ticket)
        if standing is None or standing.expires <= self._tokens.clock():
            self._seen.pop(ticket.session, None)
            return 0
        self._seen[ticket.session] = standing.user, began
        self._seen.move_to_end(ticket.session)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return standing.user

    def _standing(self, ticket: Ticket) -> table.Standing | None:
        with self._store.reading() as session:
            return table.standing(session, ticket.stored_session)

    async def begin(self, user: table.User) -> Pair:
        """Begin a session. Raises NotSignedIn if the user was disabled meanwhile."""
        ticket, now = Ticket(user.number, new_session()), int(self._tokens.clock())

        def begin(session: Session) -> bool:
            current = table.by_number(session, user.number)
            if current is None or current.disabled is not None:
                return False
            table.begin(session, ticket.stored_session, user.number, now, now + REFRESH_S)
            return True

        if not await self._commits.write(begin):
            raise NotSignedIn("the user is disabled")
        return self._pair(ticket, now)

    async def refresh(self, token: str) -> Pair:
        """Change a refresh token for the next pair. Raises NotSignedIn.

        One that was changed before tells that somebody else has a copy: its whole session ends (RFC 9700, 4.14.2).
        """
        ticket, now = self._tokens.read_refresh(token), int(self._tokens.clock())
        turned = await self._commits.write(lambda session: _turned(session, ticket, now))
        if turned is None:
            self._seen.pop(ticket.session, None)
            raise NotSignedIn("the session has ended")
        return self._pair(Ticket(ticket.user, ticket.session, turned.turn), turned.turned)

    async def end(self, token: str) -> None:
        """End the session of a refresh token; one that has ended is fine. Raises NotSignedIn of no token of ours."""
        ticket = self._tokens.read_refresh(token, ended=True)
        await self._commits.write(lambda session: table.end(session, ticket.stored_session))
        self._seen.pop(ticket.session, None)

    def _pair(self, ticket: Ticket, issued: int) -> Pair:
        return Pair(self._tokens.access(ticket), self._tokens.refresh(ticket, issued))


def _turned(session: Session, ticket: Ticket, now: int) -> table.Standing | None:
    """Take the session a turn on, or give the turn that a client lost the answer of; None if there is no session."""
    name = ticket.stored_session
    found = table.standing(session, name)
    if found is None or found.expires <= now:
        return None
    if ticket.turn == found.turn:
        table.turn(session, name, now, now + REFRESH_S)
        return table.Standing(found.user, found.turn + 1, now, now + REFRESH_S)
    if ticket.turn == found.turn - 1 and abs(now - found.turned) <= GRACE_S:
        return found
    table.end(session, name)
    return None
