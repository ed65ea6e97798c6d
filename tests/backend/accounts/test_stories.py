"""Any story of logins, refreshes, logouts and time, against a model of what a session is."""

import asyncio
import contextlib
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from sampler.backend.accounts.sessions import Pair
from sampler.backend.accounts.tokens import NotSignedIn
from sampler.backend.commits import Commits
from sampler.backend.store import accounts as table
from sampler.backend.store.opening import open_store
from tests.backend.accounts.conftest import Clock, Instance

DAY = 86_400
NAMES = st.sampled_from(["ada", "bob"])


@dataclass
class Model:
    """A session as the documents tell it."""

    user: int
    turned: float
    refreshes: list[str] = field(default_factory=list)
    alive: bool = True
    seen: float = float("-inf")

    def ends(self, now: float) -> bool:
        return now >= self.turned + 30 * DAY


@dataclass(frozen=True)
class Given:
    """A pair, the session it is of, its turn there, and when each of the two was issued."""

    pair: Pair
    model: Model = field(compare=False)
    turn: int
    access_issued: float
    refresh_issued: float

    def is_believed(self, now: float) -> bool:
        """Whether the refresh token is one of ours and in its time."""
        return self.turn >= 0 and now < self.refresh_issued + 30 * DAY + 60


class Stories(RuleBasedStateMachine):
    """Each rule asks the sessions and says what the model expects."""

    given = Bundle("given")

    @initialize()
    def open(self) -> None:
        self.closing = contextlib.ExitStack()
        folder = self.closing.enter_context(tempfile.TemporaryDirectory())
        store = self.closing.enter_context(
            contextlib.closing(open_store(f"sqlite:///{Path(folder, 'backend.db')}"))
        )
        commits = self.closing.enter_context(contextlib.closing(Commits(store).start()))
        self.loop = self.closing.enter_context(asyncio.Runner())
        self.backend = Instance(store, commits, Clock())
        self.numbers: dict[str, int] = {}
        self.disabled: set[int] = set()
        self.models: list[Model] = []

    @property
    def now(self) -> float:
        return self.backend.clock.wall

    def ask(self, asked: Coroutine[Any, Any, Any]) -> Any:
        """What was answered, None if it was refused."""
        try:
            return self.loop.run(asked)
        except NotSignedIn:
            return None

    @rule(target=given, name=NAMES)
    def log_in(self, name: str) -> Any:
        number = self.numbers.setdefault(name, len(self.numbers) + 1)
        pair = self.ask(self.backend.log_in(name))
        if number in self.disabled:
            assert pair is None
            return Given(Pair("", ""), Model(0, 0, alive=False), -1, 0, 0)
        model = Model(number, self.now, [pair.refresh_token])
        self.models.append(model)
        return Given(pair, model, 0, self.now, self.now)

    @rule(target=given, used=given)
    def refresh(self, used: Given) -> Any:
        model, now = used.model, self.now
        pair = self.ask(self.backend.sessions.refresh(used.pair.refresh_token))
        if not used.is_believed(now):
            assert pair is None
            return used
        if not model.alive or model.ends(now):
            assert pair is None
            model.seen = float("-inf")
            return used
        last = len(model.refreshes) - 1
        if used.turn == last:
            assert pair.refresh_token not in model.refreshes
            model.refreshes.append(pair.refresh_token)
            model.turned = now
        elif used.turn == last - 1 and now - model.turned <= 10:
            assert pair.refresh_token == model.refreshes[last]
        else:
            assert pair is None
            model.alive, model.seen = False, float("-inf")
            return used
        return Given(pair, model, len(model.refreshes) - 1, now, model.turned)

    @rule(used=given)
    def ask_something(self, used: Given) -> None:
        model, now = used.model, self.now
        user = self.ask(self.backend.sessions.user(used.pair.access_token))
        if used.turn < 0 or now >= used.access_issued + 15 * 60 + 60:
            assert user is None
            return
        if now - model.seen > 10:
            lives = model.alive and not model.ends(now)
            model.seen = now if lives else float("-inf")
        assert user == (model.user if model.seen > float("-inf") else None)

    @rule(used=given)
    def log_out(self, used: Given) -> None:
        self.ask(self.backend.sessions.end(used.pair.refresh_token))
        used.model.alive, used.model.seen = False, float("-inf")

    @rule(name=NAMES)
    def disable(self, name: str) -> None:
        if number := self.numbers.get(name):
            self.loop.run(self._change(lambda session: table.disable(session, number, int(self.now))))
            self.disabled.add(number)
            for model in self.models:
                model.alive = model.alive and model.user != number

    @rule(name=NAMES)
    def enable(self, name: str) -> None:
        if number := self.numbers.get(name):
            self.loop.run(self._change(lambda session: table.enable(session, number)))
            self.disabled.discard(number)

    async def _change(self, operation: Any) -> None:
        await self.backend.commits.write(operation)

    @rule(seconds=st.sampled_from([1, 5, 11, 60, 900, 15 * DAY, 30 * DAY]))
    def wait(self, seconds: int) -> None:
        self.backend.clock.pass_by(seconds)

    @invariant()
    def nothing_is_kept_of_sessions_that_ended(self) -> None:
        if hasattr(self, "backend"):
            assert self.backend.count() >= sum(m.alive and not m.ends(self.now) for m in self.models)

    def teardown(self) -> None:
        if hasattr(self, "closing"):
            self.closing.close()


TestStories = Stories.TestCase
TestStories.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
