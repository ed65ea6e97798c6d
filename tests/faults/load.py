"""Clients that write without pause, and repeat each write under its key until it is answered."""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import requests

from tests.faults.rooms import Room

_END_S = 60
_ONCE_MORE = 20
_STORED = {200, 201}


class Load:
    """So many clients write to all rooms in turn for as long as the block lasts.

    They go to the instances in turn, and with what was not answered to the next one, as a load balancer would.
    When the block is left, every write that was begun has been answered.
    """

    def __init__(
        self, rooms: Sequence[Room], urls: Sequence[str], clients: int = 4, *, fails: bool = False
    ) -> None:
        """`fails`: the backend was asked to answer 500 now and then."""
        self.answered: dict[Room, list[int]] = {room: [] for room in rooms}
        self.repetitions = 0
        self._urls = urls
        self._clients = clients
        self._come_again = {None, 503, *([500] if fails else [])}
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(clients)
        self._running: list[Future[None]] = []

    def __enter__(self) -> Self:
        self._running = [
            self._pool.submit(self._write, itertools.cycle(self._urls)) for _ in range(self._clients)
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._pool.shutdown()
        for client in self._running:
            if not error:
                client.result()

    @property
    def writes(self) -> int:
        """How many have been answered."""
        return sum(map(len, self.answered.values()))

    def check(self, url: str) -> None:
        """See that every answered write is there, and none is there twice, also if it comes once more."""
        for room, numbers in self.answered.items():
            assert numbers, f"{room} was never written to"
            room.check(url, numbers)
        with requests.Session() as client:
            for room, numbers in self.answered.items():
                for number in {*numbers[-_ONCE_MORE:], *numbers[:: len(numbers) // _ONCE_MORE + 1]}:
                    assert room.post(client, url, number).status_code in _STORED
                room.check(url, numbers)

    def _write(self, urls: Iterator[str]) -> None:
        with requests.Session() as client:
            while not self._stop.is_set():
                number = next(self._numbers)
                for room, answered in self.answered.items():
                    self._until_answered(room, client, urls, number)
                    answered.append(number)

    def _until_answered(self, room: Room, client: requests.Session, urls: Iterator[str], number: int) -> None:
        ended: float | None = None
        while (status := _status(room, client, next(urls), number)) not in _STORED:
            assert status in self._come_again, f"{room} answers {status}"
            self.repetitions += 1
            if self._stop.is_set():
                ended = ended or time.monotonic()
                assert time.monotonic() - ended < _END_S, f"{room} does not take {number} any more"
            time.sleep(0.02)  # as a client does; it is no load to knock at a closed door


def _status(room: Room, client: requests.Session, url: str, number: int) -> int | None:
    try:
        return room.post(client, url, number).status_code
    except requests.RequestException:
        return None
