"""Contract D's document: `<unix seconds> <name> <value>` a line."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from math import isinf

from sampler.backend.instants import END, TICKS_PER_SECOND
from sampler.backend.readings.gathering import MAX_READINGS, Gathered
from sampler.backend.store.readings.series import Series
from sampler.backend.web.decoding import BYTE_ORDER_MARK

MAX_FAULTS = 100
_AT_ONCE = 1000
_SECONDS = re.compile(rb"(\d{1,12})(?:\.(\d{1,16}))?")
_NUMBER = re.compile(rb"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, the first of which is number 1."""

    line: int
    reason: str


class Malformed(Exception):  # noqa: N818 - it says what the request is
    """Some lines cannot be read. Store nothing of the request and name them: the first hundred."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"line {fault.line} {fault.reason}" for fault in faults))
        self.faults = faults


async def read(body: bytes) -> list[Series]:
    """Read the lines, and give other requests their turn between them; raises Malformed."""
    text = body.removeprefix(BYTE_ORDER_MARK)
    if text in {b"\n", b"\r\n"}:
        return []
    if text.count(b"\n", 0, -1) >= MAX_READINGS:
        raise Malformed([Fault(MAX_READINGS + 1, f"a request may have {MAX_READINGS} lines")])
    readings = Gathered()
    faults: list[Fault] = []
    lines = enumerate(BytesIO(text), 1)
    while some := [*islice(lines, _AT_ONCE)]:
        faults += _faults(readings, some)
        if len(faults) >= MAX_FAULTS:
            break
        await asyncio.sleep(0)
    if faults:
        raise Malformed(faults[:MAX_FAULTS])
    return readings.series()


def _faults(readings: Gathered, lines: Iterable[tuple[int, bytes]]) -> Iterator[Fault]:
    """Take the readings of the lines, and give what is wrong with the others."""
    for number, line in lines:
        try:
            _take(readings, line)
        except ValueError as error:
            yield Fault(number, str(error))


def _take(readings: Gathered, line: bytes) -> None:
    """Take the reading of a line. Raises ValueError."""
    parts = line.split(None, 3)  # no more: a line of millions of words is one that is malformed, too
    if len(parts) != 3:
        raise ValueError("the line must be <unix seconds> <name> <value>")
    seconds, name, value = parts
    time, number = _time(seconds), _value(value)
    try:
        readings.add(name.decode(), time, 0, number)
    except UnicodeDecodeError as error:
        raise ValueError("the name is not UTF-8") from error
    except ValueError as error:
        raise ValueError(f"the name {error}") from error


def _time(text: bytes) -> int:
    form = _SECONDS.fullmatch(text)
    if not form:
        raise ValueError("the time must be unix seconds")
    seconds, fraction = form.groups(default=b"")
    ticks = int(seconds) * TICKS_PER_SECOND + int(fraction[:7].ljust(7, b"0"))
    if ticks >= END:
        raise ValueError("the time must lie between 1970 and 2200")
    return ticks


def _value(text: bytes) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("the value must be a number")
    value = float(text)
    if isinf(value):
        raise ValueError("the value must be finite")
    return value
