"""What came in: the readings of a range and the power of its days, as a JSON array that is never whole in memory."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import chain, islice

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.response import Stream

from sampler.backend import calendars, instants
from sampler.backend.instants import TICKS_PER_SECOND
from sampler.backend.readings import asked, power
from sampler.backend.readings.asked import AnyRequest
from sampler.backend.settings import Settings
from sampler.backend.store import Store, StoreUnavailable
from sampler.backend.store.readings.ranges import Range, Slice, slices
from sampler.backend.web import names, queries
from sampler.backend.web.visit import Visit

_AT_ONCE = 5000
"""Readings that are written at once: about 400 KB."""
_LIST = "list"
"""Under this name a request's state has the list that is its answer."""


class Lists:
    """The lists that clients are reading: each holds up to some megabytes, as long as its client takes."""

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._open = 0

    def begin(self, request: AnyRequest, chunks: Generator[bytes, None, None]) -> None:
        """Count this one in until its request has ended. Raises StoreUnavailable if there are too many."""
        if self._open >= self._most:
            raise StoreUnavailable("too many lists are being read")
        self._open += 1
        request.scope["state"][_LIST] = chunks

    def ended(self, visit: Visit) -> None:
        """Count the request's list out, and let go what it holds.

        Nothing else does so in time: an answer that was broken off lies in a ring, and waits for the collector.
        """
        chunks = visit.scope.get("state", {}).pop(_LIST, None)
        if chunks is not None:
            self._open -= 1
            with suppress(ValueError):  # a thread is at its next piece, the last
                chunks.close()


class Entry(msgspec.Struct):
    """A reading, or the power of a day at its midnight."""

    time: str
    name: str
    value: float


@get("/data", opt={"scope": "read"})
async def get_data(
    request: AnyRequest,
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    lists: NamedDependency[Lists],
) -> Stream:
    """Give the readings of [from, to] in the order of their times, and the power of each day that has both factors."""
    query = queries.single(request)
    start, end = asked.period(query, calendars.zone(settings.zone))
    wanted = Range(start, end, queries.optional(query, "name", names.sensor))
    chunks = _array(_entries(store, wanted))
    lists.begin(request, chunks)
    # What cannot be answered at all is known before the answer begins.
    first = await asyncio.to_thread(next, chunks)
    return Stream(_in_threads(first, chunks), media_type="application/json")


async def _in_threads(first: bytes, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Give the chunks; an error in a later one cuts the answer off, so that it is not taken for a whole one."""
    yield first
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


def _array(entries: Iterable[list[Entry]]) -> Generator[bytes, None, None]:
    """Write lists of entries as one array."""
    separator = b"["
    for some in entries:
        yield separator + msgspec.json.encode(some)[1:-1]
        separator = b","
    yield b"[]" if separator == b"[" else b"]"


def _entries(store: Store, wanted: Range) -> Iterator[list[Entry]]:
    """Give what is listed, some at a time, none of them empty."""
    with_power = wanted.name in {None, power.NAME}
    days = deque(power.days(store, wanted.start, wanted.end) if with_power else ())
    entries = chain.from_iterable(_of_slice(part, days) for part in slices(store, wanted))
    entries = chain(entries, _rest(days))
    while some := [*islice(entries, _AT_ONCE)]:
        yield some


def _of_slice(part: Slice, days: deque[tuple[int, float]]) -> Iterator[Entry]:
    """Give the readings of a slice, and in front of each the days that began before it."""
    for time, name, value in zip(part.times, part.names, part.values, strict=True):
        while days and days[0][0] < time:
            yield _power(*days.popleft())
        yield Entry(_time(time), name, value)


def _rest(days: deque[tuple[int, float]]) -> Iterator[Entry]:
    """Give the days that no reading follows."""
    while days:
        yield _power(*days.popleft())


def _power(midnight: int, value: float) -> Entry:
    return Entry(_time(midnight), power.NAME, value)


def _time(ticks: int) -> str:
    """Write a time as `instants.iso` does, in a quarter of the time."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    milliseconds, rest = divmod(fraction, 10_000)
    return f"{_second(seconds)}.{fraction:07}Z" if rest else f"{_second(seconds)}.{milliseconds:03}Z"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return instants.iso(seconds * TICKS_PER_SECOND).removesuffix(".000Z")
