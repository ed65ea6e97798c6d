"""Sessions: what a login begins, a refresh prolongs and a logout ends."""

import asyncio
from collections.abc import Awaitable

import pytest

from sampler.backend.accounts.sessions import Pair
from sampler.backend.accounts.tokens import NotSignedIn
from sampler.backend.store import accounts as table
from tests.backend.accounts.conftest import Clock, Instance

DAY = 86_400
ON_BOTH = pytest.mark.usefixtures("database_url")


async def refused(asked: Awaitable[object]) -> str:
    with pytest.raises(NotSignedIn) as error:
        await asked
    return str(error.value)


def test_an_access_token_stands_for_its_user(instance: Instance) -> None:
    async def story() -> None:
        ada, bob = await instance.log_in("ada"), await instance.log_in("bob")

        assert await instance.sessions.user(ada.access_token) == 1
        assert await instance.sessions.user(bob.access_token) == 2

    asyncio.run(story())


def test_an_access_token_ends_after_a_quarter_of_an_hour_and_a_minute(instance: Instance) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        instance.clock.pass_by(959)
        assert await instance.sessions.user(pair.access_token) == 1

        instance.clock.pass_by(1)
        assert await refused(instance.sessions.user(pair.access_token)) == "the token has expired"

    asyncio.run(story())


@ON_BOTH
def test_each_refresh_gives_another_pair_and_keeps_the_user_in(instance: Instance) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        seen = {pair}
        for _ in range(5):
            instance.clock.pass_by(29 * DAY)
            pair = await instance.sessions.refresh(pair.refresh_token)
            assert await instance.sessions.user(pair.access_token) == 1
            seen.add(pair)

        assert len(seen) == 6
        assert instance.count() == 1

    asyncio.run(story())


def test_a_refresh_token_ends_after_thirty_days(instance: Instance) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        instance.clock.pass_by(30 * DAY)

        assert "ended" in await refused(instance.sessions.refresh(pair.refresh_token))

    asyncio.run(story())


def test_a_refresh_token_that_comes_again_ends_the_whole_session(instance: Instance) -> None:
    async def story() -> None:
        stolen = await instance.log_in()
        mine = await instance.sessions.refresh(stolen.refresh_token)
        elsewhere = await instance.log_in()
        instance.clock.pass_by(11)
        assert await instance.sessions.user(mine.access_token) == 1

        assert "ended" in await refused(instance.sessions.refresh(stolen.refresh_token))
        assert "ended" in await refused(instance.sessions.refresh(mine.refresh_token))
        assert "ended" in await refused(instance.sessions.user(mine.access_token))
        assert await instance.sessions.user(elsewhere.access_token) == 1  # another login of the same user

    asyncio.run(story())


def test_a_client_that_lost_the_answer_gets_the_same_refresh_token_within_ten_seconds(
    instance: Instance,
) -> None:
    async def story() -> None:
        first = await instance.log_in()
        lost = await instance.sessions.refresh(first.refresh_token)
        instance.clock.pass_by(10)
        repeated = await instance.sessions.refresh(first.refresh_token)

        assert repeated.refresh_token == lost.refresh_token
        following = await instance.sessions.refresh(repeated.refresh_token)
        assert await instance.sessions.user(following.access_token) == 1

    asyncio.run(story())


@ON_BOTH
def test_two_windows_that_refresh_at_once_go_on_with_one_session(
    instance: Instance, another: Instance
) -> None:
    async def story() -> None:
        first = await instance.log_in()
        here, there = await asyncio.gather(
            instance.sessions.refresh(first.refresh_token), another.sessions.refresh(first.refresh_token)
        )

        assert here.refresh_token == there.refresh_token
        assert instance.count() == 1

    asyncio.run(story())


def test_a_thief_gains_nothing_from_the_ten_seconds(instance: Instance) -> None:
    async def story() -> None:
        first = await instance.log_in()
        mine = await instance.sessions.refresh(first.refresh_token)
        thiefs = await instance.sessions.refresh(first.refresh_token)
        assert thiefs.refresh_token == mine.refresh_token
        await instance.sessions.refresh(thiefs.refresh_token)
        instance.clock.pass_by(900)

        # As soon as the owner goes on, both are out.
        assert "ended" in await refused(instance.sessions.refresh(mine.refresh_token))
        assert instance.count() == 0

    asyncio.run(story())


def test_the_turn_before_the_last_is_never_forgiven(instance: Instance) -> None:
    async def story() -> None:
        first = await instance.log_in()
        second = await instance.sessions.refresh(first.refresh_token)
        await instance.sessions.refresh(second.refresh_token)

        assert "ended" in await refused(instance.sessions.refresh(first.refresh_token))
        assert instance.count() == 0

    asyncio.run(story())


@ON_BOTH
def test_a_logout_ends_the_session_at_once_and_may_be_repeated(instance: Instance) -> None:
    async def story() -> None:
        pair, other = await instance.log_in(), await instance.log_in()
        assert await instance.sessions.user(pair.access_token) == 1
        for _ in range(2):
            await instance.sessions.end(pair.refresh_token)

        assert "ended" in await refused(instance.sessions.user(pair.access_token))
        assert "ended" in await refused(instance.sessions.refresh(pair.refresh_token))
        assert await instance.sessions.user(other.access_token) == 1

    asyncio.run(story())


def test_a_logout_with_an_old_or_expired_token_ends_the_session_too(instance: Instance) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        await instance.sessions.refresh(pair.refresh_token)
        await instance.sessions.end(pair.refresh_token)
        assert instance.count() == 0

        instance.clock.pass_by(31 * DAY)
        await instance.sessions.end(pair.refresh_token)

    asyncio.run(story())


def test_another_instance_believes_a_token_for_ten_more_seconds(
    instance: Instance, another: Instance
) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        assert await another.sessions.user(pair.access_token) == 1
        await instance.sessions.end(pair.refresh_token)
        instance.clock.pass_by(10)
        assert await another.sessions.user(pair.access_token) == 1

        instance.clock.pass_by(0.1)
        assert "ended" in await refused(another.sessions.user(pair.access_token))

    asyncio.run(story())


@ON_BOTH
def test_a_disabled_user_is_out_and_comes_not_back_in_by_an_old_token(instance: Instance) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        await instance.commits.write(lambda session: table.disable(session, 1, int(instance.clock.wall)))

        assert "ended" in await refused(instance.sessions.user(pair.access_token))
        assert "ended" in await refused(instance.sessions.refresh(pair.refresh_token))
        assert "disabled" in await refused(instance.log_in())

        await instance.commits.write(lambda session: table.enable(session, 1))
        assert "ended" in await refused(instance.sessions.refresh(pair.refresh_token))
        assert await instance.sessions.user((await instance.log_in()).access_token) == 1

    asyncio.run(story())


@ON_BOTH
def test_sessions_that_expired_are_cleared_away_at_the_next_login(instance: Instance, clock: Clock) -> None:
    async def story() -> None:
        for name in ("ada", "bob", "eve"):
            await instance.log_in(name)
        clock.pass_by(30 * DAY)
        await instance.log_in()

        assert instance.count() == 1

    asyncio.run(story())


@ON_BOTH
def test_a_user_has_a_hundred_sessions_and_the_one_least_used_ends(instance: Instance, clock: Clock) -> None:
    async def story() -> tuple[Pair, Pair]:
        used, unused = await instance.log_in(), await instance.log_in()
        await instance.log_in("bob")
        clock.pass_by(60)
        used = await instance.sessions.refresh(used.refresh_token)
        for _ in range(99):
            await instance.log_in()
        return used, unused

    async def then(used: Pair, unused: Pair) -> None:
        assert instance.count() == 100 + 1
        await instance.sessions.refresh(used.refresh_token)
        assert "ended" in await refused(instance.sessions.refresh(unused.refresh_token))

    async def both() -> None:
        await then(*await story())

    asyncio.run(both())


def test_a_step_of_the_clock_forward_asks_for_a_refresh_and_no_more(instance: Instance) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        instance.clock.set_by(3600)

        assert "expired" in await refused(instance.sessions.user(pair.access_token))
        again = await instance.sessions.refresh(pair.refresh_token)
        assert await instance.sessions.user(again.access_token) == 1

    asyncio.run(story())


def test_a_small_step_backwards_goes_unnoticed_and_a_large_one_asks_for_a_login(instance: Instance) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        instance.clock.set_by(-60)
        assert await instance.sessions.user(pair.access_token) == 1
        pair = await instance.sessions.refresh(pair.refresh_token)

        instance.clock.set_by(-3600)
        assert "time to come" in await refused(instance.sessions.user(pair.access_token))
        assert "time to come" in await refused(instance.sessions.refresh(pair.refresh_token))
        assert await instance.sessions.user((await instance.log_in()).access_token) == 1

    asyncio.run(story())


def test_a_token_of_another_database_under_the_same_key_stands_for_nobody(instance: Instance) -> None:
    async def story() -> None:
        await instance.log_in()
        foreign = instance.tokens.access(instance.tokens.read_access((await instance.log_in()).access_token))
        await instance.commits.write(lambda session: table.end_all(session, 1))

        assert "ended" in await refused(instance.sessions.user(foreign))

    asyncio.run(story())


def test_the_store_knows_no_token(instance: Instance) -> None:
    async def story() -> None:
        pair = await instance.log_in()
        session = instance.tokens.read_access(pair.access_token).session
        with instance.store.reading() as view:
            [(stored,)] = view.rows("SELECT session FROM sessions")

        assert len(stored) == 32
        assert session.encode() not in stored

    asyncio.run(story())
