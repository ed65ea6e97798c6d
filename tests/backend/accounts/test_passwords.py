"""Hashes: the same work for everybody, in few threads, and bounded."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import argon2
import pytest

from sampler.backend.accounts.passwords import PARAMETERS, Passwords, TooBusy

CHEAP = argon2.PasswordHasher(1, 8, 1)


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    with contextlib.closing(Passwords(CHEAP)) as passwords:
        yield passwords


def test_only_the_right_password_matches(passwords: Passwords) -> None:
    async def story() -> list[bool]:
        stored = await passwords.hash("correct horse")
        return [await passwords.matches(stored, word) for word in ("correct horse", "wrong horse", "")]

    assert asyncio.run(story()) == [True, False, False]


def test_the_parameters_are_those_of_the_adr() -> None:
    hashed = PARAMETERS.hash("correct horse")

    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_an_unknown_user_takes_the_same_work_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[Any] = []
    verify = argon2.PasswordHasher.verify

    def noted(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        work.append((argon2.extract_parameters(stored), len(stored), password))
        return verify(self, stored, password)

    async def story(passwords: Passwords) -> None:
        stored = await passwords.hash("correct horse")
        assert not await passwords.matches(stored, "guess")
        assert not await passwords.matches(None, "guess")

    monkeypatch.setattr(argon2.PasswordHasher, "verify", noted)
    with contextlib.closing(Passwords()) as passwords:
        asyncio.run(story(passwords))

    assert len(work) == 2
    assert work[0] == work[1]


@pytest.mark.parametrize("stored", ["*", "$argon2id$", "$2b$12$" + "a" * 53])
def test_a_hash_that_is_none_matches_nothing(passwords: Passwords, stored: str) -> None:
    assert not asyncio.run(passwords.matches(stored, "anything"))


def test_a_hash_of_other_parameters_is_outdated_and_still_matches(passwords: Passwords) -> None:
    stored = argon2.PasswordHasher(2, 8, 1).hash("correct horse")

    assert passwords.is_outdated(stored)
    assert asyncio.run(passwords.matches(stored, "correct horse"))
    assert not passwords.is_outdated(asyncio.run(passwords.hash("correct horse")))


class Held(argon2.PasswordHasher):
    """Hashes when it may, and counts how many do so at once."""

    def __init__(self) -> None:
        super().__init__(1, 8, 1)
        self.may = threading.Event()
        self.both = threading.Barrier(3)
        self.at_once = self.most = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        if not self.may.is_set():
            self.both.wait(10)
            self.may.wait(10)
        self.at_once -= 1
        return super().hash(password, salt=salt)


def test_two_at_once_are_hashed_a_few_wait_and_more_are_refused() -> None:
    held = Held()

    async def story(passwords: Passwords) -> int:
        waiting = [asyncio.create_task(passwords.hash("x" * 6)) for _ in range(5)]
        await asyncio.to_thread(held.both.wait, 10)
        with pytest.raises(TooBusy):
            await passwords.hash("y" * 6)
        assert held.most == 2
        held.may.set()
        await asyncio.gather(*waiting)
        await passwords.hash("z" * 6)  # there is room again
        return held.most

    with contextlib.closing(Passwords(held, bound=5)) as passwords:
        assert asyncio.run(story(passwords)) == 2


def test_the_event_loop_goes_on_meanwhile() -> None:
    held = Held()

    async def story(passwords: Passwords) -> None:
        waiting = [asyncio.create_task(passwords.hash("x" * 6)) for _ in range(2)]
        await asyncio.to_thread(held.both.wait, 10)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        held.may.set()
        await asyncio.gather(*waiting)

    with contextlib.closing(Passwords(held)) as passwords:
        asyncio.run(story(passwords))


def test_a_client_that_goes_away_frees_its_place_only_when_the_thread_is_done() -> None:
    held = Held()

    async def story(passwords: Passwords) -> None:
        waiting = [asyncio.create_task(passwords.hash("x" * 6)) for _ in range(2)]
        await asyncio.to_thread(held.both.wait, 10)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        with pytest.raises(TooBusy):
            await passwords.hash("y" * 6)
        held.may.set()

    with contextlib.closing(Passwords(held, bound=2)) as passwords:
        asyncio.run(story(passwords))
