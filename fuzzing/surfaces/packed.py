"""Packed readings: what was packed comes back bit by bit, and whatever else lies there is said to be damaged."""

import struct
import zlib
from array import array
from collections.abc import Iterator

from fuzzing.cutting import header
from fuzzing.target import Target
from sampler.backend.packing import Damaged, pack, unpack


def one(data: bytes) -> None:
    (which,), rest = header(data, 1)
    if which % 3 == 0:
        check_anything(rest)
    elif which % 3 == 1:
        check_anything(
            struct.pack("<BI", rest[0] if rest else 0, zlib.crc32(rest[1:], rest[0] if rest else 0))
            + rest[1:]
        )
    else:
        check_round_trip(rest)


def check_anything(block: bytes) -> None:
    """Unpack what may be no block; if it is one, packing what is in it says the same."""
    try:
        times, values = unpack(block)
    except Damaged as damaged:
        assert str(damaged).isprintable()
        return
    assert len(times) == len(values)
    again = unpack(pack(times, values))
    assert [column.tobytes() for column in again] == [times.tobytes(), values.tobytes()]


def check_round_trip(data: bytes) -> None:
    """Pack times and values, and damage the block."""
    (place, change), columns = header(data, 2)
    half = len(columns) // 16 * 8
    times, values = array("q", columns[:half]), array("d", columns[half : 2 * half])
    block = pack(times, values)
    found = unpack(block)
    assert [column.tobytes() for column in found] == [times.tobytes(), values.tobytes()]
    damaged = bytearray(block)
    damaged[place * 257 % len(block)] ^= change
    if change:
        check_damaged(bytes(damaged))
    check_damaged(block[: place * 257 % len(block)])


def check_damaged(block: bytes) -> None:
    try:
        unpack(block)
    except Damaged:
        return
    raise AssertionError("it passes for what was packed")


def seeds() -> Iterator[bytes]:
    times = array("q", (16_494_218_170_000_000 + 10_000_000 * number for number in range(20)))
    values = array("d", (number / 7 for number in range(20)))
    for count in (0, 3, 20):
        block = pack(times[:count], values[:count])
        yield b"\0" + block
        yield b"\1" + block[:1] + block[5:]
        yield b"\2\7\1" + times[:count].tobytes() + values[:count].tobytes()
    yield b"\2\0\0" + struct.pack("<20q", *((-1) ** number * 2**62 for number in range(20))) + bytes(160)


TARGET = Target(
    "packed readings", one, seeds, (b"\1", b"\2", bytes(8), b"\x7f" + b"\xff" * 7), longest=2048, quick=1500
)
