"""Large bodies that come at once share a room, and wait for it unread."""

import asyncio
from typing import Any

import pytest

from sampler.backend.store import StoreUnavailable
from sampler.backend.web.doorman import Doorman
from sampler.backend.web.room import FREE_BYTES, MOST_BYTES, Room
from tests.backend.web.asgi import Exchange, chunk

LARGE = FREE_BYTES + 1


def test_who_comes_later_waits_until_the_others_give_back() -> None:
    async def story() -> list[str]:
        room, told = Room(10), []

        async def visitor(name: str, size: int) -> None:
            await room.take(size)
            told.append(name)

        await room.take(6)
        waiting = [asyncio.create_task(visitor(*who)) for who in (("first", 8), ("second", 2), ("third", 2))]
        await asyncio.sleep(0)
        told.append("nobody yet")
        room.give_back(6)
        await asyncio.gather(*waiting[:2])
        told.append("full")
        room.give_back(8)
        await waiting[2]
        return told

    assert asyncio.run(story()) == ["nobody yet", "first", "second", "full", "third"]


def test_there_is_not_room_for_ever_waiting_and_nothing_is_lost_of_it() -> None:
    async def story() -> None:
        room = Room(10, patience_s=0.01)
        await room.take(10)
        with pytest.raises(StoreUnavailable):
            await room.take(9)
        room.give_back(10)
        await room.take(10)

    asyncio.run(story())


def test_who_gives_up_lets_those_behind_go_in() -> None:
    async def story() -> None:
        room = Room(10)
        await room.take(6)
        large = asyncio.create_task(room.take(8))
        small = asyncio.create_task(room.take(4))
        await asyncio.sleep(0)
        large.cancel()
        await small
        with pytest.raises(asyncio.CancelledError):
            await large
        room.give_back(6)
        await room.take(6)

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
        doorman = Doorman(app, room=Room(2 * size))
        exchanges = [Exchange(headers=headers, messages=[chunk(first)]) for _ in range(5)]
        await asyncio.gather(*(exchange.speak(doorman) for exchange in exchanges))
        return [exchange.status for exchange in exchanges]

    assert asyncio.run(story()) == [200] * 5
    assert most == at_once


def test_room_is_given_back_when_the_answer_begins_and_when_nothing_is_answered() -> None:
    async def streams(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await other.speak(doorman)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def fails(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        raise ValueError("no matter what")

    room = Room(LARGE, patience_s=0.01)
    headers = {"Content-Length": str(LARGE)}
    other = Exchange(headers=headers, messages=[chunk(b"x")])
    doorman = Doorman(fails, room=room)

    outer = Exchange(headers=headers, messages=[chunk(b"x")]).over(Doorman(streams, room=room))

    assert (outer.status, other.status) == (200, 500)
    asyncio.run(room.take(LARGE))
