"""Sessions over a real store, on clocks that the test turns."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sampler.backend.accounts.keys import Key, Keys
from sampler.backend.accounts.sessions import Pair, Sessions
from sampler.backend.accounts.tokens import Tokens
from sampler.backend.commits import Commits
from sampler.backend.store import Store
from sampler.backend.store import accounts as table
from sampler.backend.store.opening import open_store

START = 1_700_000_000.0


@dataclass
class Clock:
    """The wall clock and the monotonic one; they go on together unless the wall clock is set."""

    wall: float = START
    monotonic: float = 0.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def set_by(self, seconds: float) -> None:
        self.wall += seconds


@dataclass
class Instance:
    """One of several backends on one database."""

    store: Store
    commits: Commits
    clock: Clock
    keys: Keys = field(default_factory=lambda: Keys((Key(b"k" * 64),)))

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.keys, lambda: self.clock.wall)
        self.sessions = Sessions(self.store, self.commits, self.tokens, lambda: self.clock.monotonic)

    async def log_in(self, name: str = "ada") -> Pair:
        """Begin a session of a user, who is added at the first time."""
        return await self.sessions.begin(await self.commits.write(lambda session: _user(session, name)))

    def count(self) -> int:
        """How many rows of sessions there are."""
        with self.store.reading() as session:
            return int(session.rows("SELECT count(*) FROM sessions")[0][0])


def _user(session: table.Session, name: str) -> table.User:
    mail = f"{name}@example.com"
    table.add(session, table.Registration(name, mail, mail, "*", int(START)))
    user = table.by_email(session, mail)
    assert user
    return user


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """SQLite's, or each engine's in turn: `@pytest.mark.usefixtures("database_url")`."""
    both = "database_url" in request.fixturenames
    url = request.getfixturevalue("database_url") if both else f"sqlite:///{tmp_path / 'backend.db'}"
    with contextlib.closing(open_store(url)) as store:
        yield store


@pytest.fixture
def instance(store: Store, clock: Clock) -> Iterator[Instance]:
    """A backend."""
    with contextlib.closing(Commits(store).start()) as commits:
        yield Instance(store, commits, clock)


@pytest.fixture
def another(store: Store, instance: Instance, clock: Clock) -> Iterator[Instance]:
    """Another backend on the same database."""
    with contextlib.closing(Commits(store).start()) as commits:
        yield Instance(store, commits, clock)
