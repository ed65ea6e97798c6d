"""Where people register and log in: what is checked in which order."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator

import msgspec

from sampler.backend.accounts.attempts import Attempts
from sampler.backend.accounts.documents import LoggingIn, Registering
from sampler.backend.accounts.passwords import Passwords
from sampler.backend.accounts.sessions import Pair, Sessions
from sampler.backend.accounts.tokens import NotSignedIn
from sampler.backend.commits import Commits
from sampler.backend.store import Session, Store, answers
from sampler.backend.store import accounts as table
from sampler.backend.store.answers import Answer, Once


class EmailTaken(Exception):  # noqa: N818 - it says what it is
    """Somebody registered with that e-mail before. Answer 409."""


class NotLoggedIn(Exception):  # noqa: N818 - it says what it is
    """The e-mail is unknown, the password wrong or the user disabled: it does not say which. Answer 401."""


class Registered(msgspec.Struct):
    """A user, as the client that registered it is told."""

    id: int
    username: str
    email: str


class Desk:
    """Registers users and logs them in. Each method raises StoreUnavailable and TooBusy."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        sessions: Sessions,
        passwords: Passwords,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._commits = commits
        self._sessions = sessions
        self._passwords = passwords
        self._monotonic = monotonic
        self._attempts = Attempts()

    async def register(self, asked: Registering, once: Once | None) -> Answer:
        """Add a user and give the answer, which is kept for repetitions. Raises EmailTaken, KeyReused."""
        hashed = await self._passwords.hash(asked.password)
        user = table.Registration(
            asked.username, asked.email.written, asked.email.folded, hashed, int(time.time())
        )
        return await self._commits.write(
            lambda session: answers.once(session, once, lambda session: _added(session, user))
        )

    async def log_in(self, asked: LoggingIn, address: str) -> Pair:
        """Begin a session. Raises NotLoggedIn, TooMany."""
        account = asked.email.folded
        self._attempts.begin(account, address, self._monotonic())
        with self._counted_if_wrong(account, address):
            user = await asyncio.to_thread(self._find, account)
            # The same work for an e-mail that nobody has: else the time would tell.
            if (
                not await self._passwords.matches(user.password if user else None, asked.password)
                or user is None
            ):
                raise NotLoggedIn
            await self._keep_up_to_date(user, asked.password)
            pair = await self._begin(user)
        self._attempts.succeeded(account, address)
        return pair

    @contextlib.contextmanager
    def _counted_if_wrong(self, account: str, address: str) -> Iterator[None]:
        try:
            yield
        except NotLoggedIn:
            raise
        except BaseException:
            self._attempts.take_back(account, address)
            raise

    def _find(self, folded: str) -> table.User | None:
        with self._store.reading() as session:
            return table.by_email(session, folded)

    async def _keep_up_to_date(self, user: table.User, password: str) -> None:
        if self._passwords.is_outdated(user.password):
            hashed = await self._passwords.hash(password)
            await self._commits.write(lambda session: table.set_password(session, user, hashed))

    async def _begin(self, user: table.User) -> Pair:
        try:
            return await self._sessions.begin(user)
        except NotSignedIn as error:
            raise NotLoggedIn from error


def _added(session: Session, user: table.Registration) -> Answer:
    number = table.add(session, user)
    if number is None:
        raise EmailTaken
    return Answer(201, msgspec.json.encode(Registered(number, user.username, user.email)))
