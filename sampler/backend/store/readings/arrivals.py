"""The table of arrivals: what a commit brought, of all sensors, in one row or a few."""

import struct
import time
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from sampler.backend.packing import Damaged
from sampler.backend.store import Session, Value
from sampler.backend.store.readings.series import hour_of

MOST_READINGS = 32_768
MOST_HOURS = 500
"""Of sensors, in a row: each becomes a block of its own, and a row is moved at once."""
_ADD = """
INSERT INTO arrivals (stored, readings, first, last, data) VALUES (:stored, :readings, :first, :last, :data)
"""
_BETWEEN = "SELECT number, data FROM arrivals WHERE last >= :start AND first < :end ORDER BY number"
_HEAD = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Piece:
    """Readings of one sensor and epoch, in the order in which they came."""

    sensor: int
    epoch: int
    times: Sequence[int]
    values: Sequence[float]


def add(session: Session, pieces: Iterable[Piece]) -> None:
    """Store the pieces, in as many rows as their number asks for."""
    session.run_many(_ADD, map(_row, _rows(pieces)))


def between(session: Session, start: int, end: int, sensor: int | None = None) -> Iterator[tuple[int, Piece]]:
    """Give the pieces, of all sensors or one, that may have readings of [start, end), in the order of arrival.

    Each comes with its arrival's number. Raises Damaged.
    """
    for number, data in session.stream(_BETWEEN, start=start, end=end):
        for piece in unpacked(data, sensor):
            yield number, piece


def _row(pieces: Sequence[Piece]) -> dict[str, Value]:
    return {
        "stored": int(time.time()),
        "readings": sum(len(piece.times) for piece in pieces),
        "first": min(min(piece.times) for piece in pieces),
        "last": max(max(piece.times) for piece in pieces),
        "data": packed(pieces),
    }


def _rows(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Divide the pieces into rows that each can be moved at once."""
    row: list[Piece] = []
    readings = hours = 0
    for piece in chain.from_iterable(map(_divided, pieces)):
        of_this = _hours(piece)
        if row and (readings + len(piece.times) > MOST_READINGS or hours + of_this > MOST_HOURS):
            yield row
            row, readings, hours = [], 0, 0
        row.append(piece)
        readings += len(piece.times)
        hours += of_this
    if row:
        yield row


def _divided(piece: Piece) -> Iterator[Piece]:
    """Cut the piece where it is too much for a row."""
    at_once = MOST_HOURS if _hours(piece) > MOST_HOURS else MOST_READINGS
    if len(piece.times) <= at_once:
        yield piece
        return
    for start in range(0, len(piece.times), at_once):
        part = slice(start, start + at_once)
        yield Piece(piece.sensor, piece.epoch, piece.times[part], piece.values[part])


def _hours(piece: Piece) -> int:
    """Give how many hours the readings may lie in at most."""
    if len(piece.times) == 1:
        return 1
    return min(len(piece.times), hour_of(max(piece.times)) - hour_of(min(piece.times)) + 1)


def packed(pieces: Sequence[Piece]) -> bytes:
    """Write the pieces as bytes: a CRC-32 of the rest, how many, then for each sensor, epoch and count, times, values.

    Nothing is deflated: the commit waits, and what is written here is soon written smaller into blocks.
    """
    directory, times, values = array("I"), array("q"), array("d")
    for piece in pieces:
        directory.extend((piece.sensor, piece.epoch, len(piece.times)))
        times.extend(piece.times)
        values.extend(piece.values)
    payload = b"".join((directory, times, values))
    return _HEAD.pack(zlib.crc32(payload, len(pieces)), len(pieces)) + payload


def unpacked(data: bytes, only: int | None = None) -> list[Piece]:
    """Read what `packed` wrote, of all sensors or only one. Raises Damaged."""
    directory, times, values = _columns(data)
    pieces, at = [], 0
    for sensor, epoch, count in zip(directory[::3], directory[1::3], directory[2::3], strict=True):
        if only is None or sensor == only:
            pieces.append(Piece(sensor, epoch, times[at : at + count], values[at : at + count]))
        at += count
    return pieces


def _columns(data: bytes) -> "tuple[array[int], array[int], array[float]]":
    if len(data) < _HEAD.size:
        raise Damaged(f"{len(data)} bytes are too few")
    seal, pieces = _HEAD.unpack_from(data)
    payload = memoryview(data)[_HEAD.size :]
    if zlib.crc32(payload, pieces) != seal:
        raise Damaged("the checksum does not match")
    directory, times, values = array("I"), array("q"), array("d")
    directory.frombytes(payload[: 12 * pieces])
    half = (len(payload) - 12 * pieces) // 2
    times.frombytes(payload[12 * pieces :][:half])
    values.frombytes(payload[12 * pieces :][half:])
    return directory, times, values
