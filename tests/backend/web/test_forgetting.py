"""First answers are kept for a while, whatever the clock does meanwhile."""

import asyncio
from contextlib import closing
from pathlib import Path

from freezegun import freeze_time

from sampler.backend.commits import Commits
from sampler.backend.store import Session, answers
from sampler.backend.store.answers import Answer, Once
from sampler.backend.store.sqlite import SqliteStore
from sampler.backend.web.forgetting import Forgetting

KEPT_S, YEAR_S = 3600, 365 * 86_400
ASKED = Once("POST /data", "key", b"body")


def test_a_clock_that_was_set_back_is_not_waited_for(tmp_path: Path) -> None:
    def keep(session: Session) -> None:
        answers.keep(session, ASKED, Answer(200))

    def stored_at(session: Session) -> int:
        row = session.row("SELECT stored FROM answers")
        assert row
        return int(row[0])

    async def story(store: SqliteStore, commits: Commits) -> None:
        await commits.write(keep)
        with store.reading() as session:
            stored = stored_at(session)
        now = stored + KEPT_S - YEAR_S
        forgetting = Forgetting(commits, KEPT_S, lambda: now)
        await forgetting.chore()
        now = stored + KEPT_S
        await forgetting.chore()  # it looks, and forgets nothing that is not too old
        with store.reading() as session:
            assert answers.earlier(session, ASKED)
        now = stored + KEPT_S + 61
        await forgetting.chore()
        with store.reading() as session:
            assert answers.earlier(session, ASKED) is None
        await commits.write(keep)

        now += YEAR_S  # for a moment
        await forgetting.chore()
        await commits.write(keep)
        now -= YEAR_S
        await forgetting.chore()
        with store.reading() as session:
            assert answers.earlier(session, ASKED) is None

    with closing(SqliteStore(tmp_path / "backend.db")) as store, closing(Commits(store).start()) as commits:
        asyncio.run(story(store, commits))


def test_what_was_answered_before_the_clock_was_set_is_kept_as_long_from_then_on(tmp_path: Path) -> None:
    """A machine without a clock of its own starts in 1970."""

    async def story(store: SqliteStore, commits: Commits) -> None:
        with freeze_time("1970-01-01 00:01"):
            await commits.write(lambda session: answers.keep(session, ASKED, Answer(200)))
        now = 1_800_000_000
        forgetting = Forgetting(commits, KEPT_S, lambda: now)
        await forgetting.chore()
        now += KEPT_S
        await forgetting.chore()
        with store.reading() as session:
            assert answers.earlier(session, ASKED)
        now += 1
        await forgetting.chore()
        with store.reading() as session:
            assert answers.earlier(session, ASKED) is None

    with closing(SqliteStore(tmp_path / "backend.db")) as store, closing(Commits(store).start()) as commits:
        asyncio.run(story(store, commits))
