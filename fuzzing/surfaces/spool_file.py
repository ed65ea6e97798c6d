"""The spool's own file and log with bytes changed, zeroed, moved, cut off: it heals, and says what it lost.

An input says which sample is damaged and what is asked first, then eight bytes for each damage.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from fuzzing.cutting import header
from fuzzing.places import folder
from fuzzing.spools import MOST, Sample, meant, samples, window
from fuzzing.target import Target
from sampler.device.spool import Entry, Spool, SpoolMisplaced
from sampler.device.spool.log import log_of

_PAGE, _FRAME, _LOG_HEADER = 4096, 24 + 4096, 32
_DAMAGES = 8
_FIRST: tuple[Callable[[Spool], object], ...] = (
    Spool.check,
    Spool.resume,
    Spool.newest_waiting,
    Spool.verify,
    Spool.status,
    lambda spool: list(spool.entries()),
    Spool.stretches,
)
_LATER, _BOOT = 500, "boot-2"


def one(data: bytes) -> None:
    (which, first), rest = header(data, 2)
    sample = samples()[which % 2]
    path = folder() / "damaged" / "spool.db"
    path.parent.mkdir(exist_ok=True)
    file, log = damaged(sample, rest[: 8 * _DAMAGES])
    path.write_bytes(file)
    if sample.log:
        log_of(path).write_bytes(log)
    logger = logging.getLogger("sampler.spool")
    logger.disabled = True
    try:
        opens(path, sample, _FIRST[first % len(_FIRST)], numbers_known(sample, log))
    except SpoolMisplaced:
        assert file[:_PAGE] != sample.file[:_PAGE], "nothing in it says that it is another's"
    finally:
        logger.disabled = False
        for left in path.parent.iterdir():
            left.unlink()


def damaged(sample: Sample, steps: bytes) -> tuple[bytes, bytes]:
    """Give the file and the log with each damage done to one of them."""
    files = [bytearray(sample.file), bytearray(sample.log)]
    for at in range(0, len(steps) - 7, 8):
        kind, which, place, length, value = (
            steps[at],
            steps[at + 1],
            int.from_bytes(steps[at + 2 : at + 5], "big"),
            int.from_bytes(steps[at + 5 : at + 7], "big"),
            steps[at + 7],
        )
        target = files[which % 2]
        if target:
            _KINDS[kind % len(_KINDS)](target, place % len(target), length, value)
    return bytes(files[0]), bytes(files[1])


def _flip(data: bytearray, at: int, _: int, value: int) -> None:
    data[at] ^= value


def _fill(data: bytearray, at: int, length: int, value: int) -> None:
    length = min(length % (2 * _PAGE), len(data) - at)
    data[at : at + length] = bytes([value]) * length


def _zero_page(data: bytearray, at: int, length: int, _: int) -> None:
    at -= at % _PAGE
    _fill(data, at, _PAGE * (1 + length % 4), 0)


def _write(data: bytearray, at: int, length: int, value: int) -> None:
    data[at : at + 3] = (*length.to_bytes(2, "big"), value)[: len(data) - at]


def _copy_page(data: bytearray, at: int, length: int, _: int) -> None:
    at -= at % _PAGE
    origin = length * _PAGE % len(data)
    data[at : at + _PAGE] = data[origin : origin + _PAGE][: len(data) - at]


def _cut(data: bytearray, at: int, _: int, value: int) -> None:
    del data[at - at % _PAGE if value % 2 else at :]


def _append(data: bytearray, _: int, length: int, value: int) -> None:
    data += bytes([value]) * length


_KINDS = (_flip, _fill, _zero_page, _write, _copy_page, _cut, _append)


def numbers_known(sample: Sample, log: bytes) -> int:
    """Give up to which number the damaged log still shows that they were given out.

    Commits behind the last that can be seen in it are gone without a trace, as if they had never been: no reader of
    these files can know of them.
    """
    ends = [
        number
        for number in range(1, len(log) // _FRAME + 1)
        if log[(head := _LOG_HEADER + (number - 1) * _FRAME) + 4 : head + 8] != bytes(4)
        and log[head + 8 : head + 16] == sample.log[head + 8 : head + 16]
    ]
    seen = max(ends, default=0)
    return max((produced for frames, produced in sample.commits if frames <= seen), default=0)


def opens(path: Path, sample: Sample, first: Callable[[Spool], object], known: int) -> None:
    """Do what a daemon and its commands do, and see that nothing is invented, doubled or lost unnamed."""
    spool = Spool(path, MOST)
    first(spool)
    spool.check()
    before = {entry.sequence: entry for entry in spool.entries()}
    check_account(spool, sample, before, known)
    aside = sorted(path.parent.glob("*.damaged-*"))
    spool.check()
    assert sorted(path.parent.glob("*.damaged-*")) == aside, "it is not healed yet"
    check_going_on(spool, sample, {entry.key for entry in before.values()}, known)
    spool.close()
    assert Spool.view(path).verify().balanced


def check_account(spool: Spool, sample: Sample, contents: dict[int, Entry], known: int) -> None:
    account, resumption = spool.verify(), spool.resume()
    assert account.balanced
    assert account.produced == resumption.sequence
    assert account.produced <= sample.produced, "numbers are accounted for that never were"
    same = any(key.startswith(f"{resumption.spool_id}-") for key in sample.keys)
    assert not same or account.produced >= known, "numbers that were given out are forgotten"
    for number, entry in contents.items():
        assert meant(entry) in sample.truths[number], f"{number} is not what it was"
    dropped = {number for gone in account.dropped_ranges for number in range(gone.first, gone.last + 1)}
    delivered = set(range(1, account.produced + 1)) - dropped - contents.keys()
    assert delivered <= sample.delivered, "what is said to be delivered never was"
    assert resumption.window is None or resumption.window in sample.windows
    waiting = [entry for entry in contents.values() if entry.state == "waiting"]
    waiting.sort(key=lambda entry: (entry.measurement.start, entry.sequence))
    assert [kept.key for kept in spool.newest_waiting(5)] == [entry.key for entry in waiting[-5:]]


def check_going_on(spool: Spool, sample: Sample, before: set[str], known: int) -> None:
    """Go on with another boot; see that no number comes again for another measurement."""
    spool.journal(window(_LATER, taken=1, boot=_BOOT))
    kept = spool.turn(window(_LATER, boot=_BOOT), window(_LATER + 1, taken=0, boot=_BOOT))
    assert kept is not None
    for entry in spool.entries():
        if entry.key not in before and entry.key in sample.keys:
            assert entry.sequence > known, f"{entry.key} is given out again"
    spool.delivered([kept.sequence], kept.measurement.end)
    assert spool.verify().balanced


def seeds() -> Iterator[bytes]:
    def step(kind: int, which: int, place: int, length: int, value: int) -> bytes:
        return bytes((kind, which)) + place.to_bytes(3, "big") + length.to_bytes(2, "big") + bytes([value])

    yield b"\0\0"
    yield b"\1\0"
    for page in range(14):
        yield bytes((page % 2, page)) + step(2, 0, page * _PAGE, 0, 0)
    for place in (0, 20, 40, 4200, 60_000, 120_000):
        yield b"\0\0" + step(0, 1, place, 0, 1)
        yield b"\0\1" + step(2, 1, place, 0, 0)
        yield b"\0\3" + step(5, 1, place, 0, 0)
    yield b"\1\2" + step(5, 0, 30_000, 0, 0)
    yield b"\1\0" + step(2, 0, 0, 0, 0) + step(2, 0, _PAGE, 0, 0) + step(2, 0, 7 * _PAGE, 1, 0)
    yield b"\1\0" + step(4, 0, 12 * _PAGE, 11, 0) + step(3, 0, 60, 0, 9)
    yield b"\1\0" + step(6, 0, 0, 5000, 13)
    yield b"\0\4" + step(3, 0, 68, 0, 1) + step(6, 1, 0, 9000, 0)


TARGET = Target("the spool's file", one, seeds, longest=2 + 8 * _DAMAGES, quick=15)
