"""Large bodies that come at once share what is held, and wait unread."""

import asyncio
from typing import Any

import pytest

from sampler.backend.store import StoreUnavailable
from sampler.backend.web.capacity import FREE_BYTES, MOST_BYTES, Capacity
from sampler.backend.web.doorman import Doorman
from tests.backend.web.asgi import Exchange, chunk

LARGE = FREE_BYTES + 1


def test_who_comes_later_waits_until_the_others_give_back() -> None:
    async def story() -> list[str]:
        capacity, told = Capacity(10, 10), []

        async def visitor(name: str, size: int) -> None:
            await capacity.take(size)
            told.append(name)

        await capacity.take(6)
        waiting = [asyncio.create_task(visitor(*who)) for who in (("first", 8), ("second", 2), ("third", 2))]
        await asyncio.sleep(0)
        told.append("nobody yet")
        capacity.give_back(6)
        await asyncio.gather(*waiting[:2])
        told.append("full")
        capacity.give_back(8)
        await waiting[2]
        return told

    assert asyncio.run(story()) == ["nobody yet", "first", "second", "full", "third"]


def test_nobody_waits_for_ever_and_nothing_is_lost_of_it() -> None:
    async def story() -> None:
        capacity = Capacity(10, 10, patience_s=0.01)
        await capacity.take(10)
        with pytest.raises(StoreUnavailable):
            await capacity.take(9)
        capacity.give_back(10)
        await capacity.take(10)

    asyncio.run(story())


def test_who_gives_up_lets_those_behind_go_in() -> None:
    async def story() -> None:
        capacity = Capacity(10, 10)
        await capacity.take(6)
        large = asyncio.create_task(capacity.take(8))
        small = asyncio.create_task(capacity.take(4))
        await asyncio.sleep(0)
        large.cancel()
        await small
        with pytest.raises(asyncio.CancelledError):
            await large
        capacity.give_back(6)
        await capacity.take(6)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("headers", "first", "at_once"),
    [
        ({"Content-Length": str(LARGE)}, b"x", 2),
        ({"Content-Length": str(64 * MOST_BYTES)}, b"x", 2),  # it is stored while it comes
        ({}, bytes(LARGE), 2),  # nobody knows how long it is
        ({"Content-Length": str(FREE_BYTES)}, b"x", 5),
        ({}, bytes(FREE_BYTES), 5),
    ],
)
def test_large_bodies_are_read_so_many_at_once(headers: dict[str, str], first: bytes, at_once: int) -> None:
    size = LARGE if headers.get("Content-Length") == str(LARGE) else MOST_BYTES
    most = 0
    reading = 0

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        nonlocal most, reading
        await receive()
        reading += 1
        most = max(most, reading)
        await asyncio.sleep(0.01)
        reading -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def story() -> list[int]:
        doorman = Doorman(app, capacity=Capacity(2 * size, size))
        exchanges = [Exchange(headers=headers, messages=[chunk(first)]) for _ in range(5)]
        await asyncio.gather(*(exchange.speak(doorman) for exchange in exchanges))
        return [exchange.status for exchange in exchanges]

    assert asyncio.run(story()) == [200] * 5
    assert most == at_once


def test_a_body_as_large_as_the_limit_always_has_its_turn() -> None:
    asyncio.run(Capacity(10, most=11, patience_s=0.01).take(11))


def test_a_share_is_given_back_when_the_answer_begins_and_when_nothing_is_answered() -> None:
    async def streams(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await other.speak(doorman)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def fails(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        raise ValueError("no matter what")

    capacity = Capacity(LARGE, LARGE, patience_s=0.01)
    headers = {"Content-Length": str(LARGE)}
    other = Exchange(headers=headers, messages=[chunk(b"x")])
    doorman = Doorman(fails, capacity=capacity)

    outer = Exchange(headers=headers, messages=[chunk(b"x")]).over(Doorman(streams, capacity=capacity))

    assert (outer.status, other.status) == (200, 500)
    asyncio.run(capacity.take(LARGE))
