"""Readings as few bytes, and back without loss: two columns, times and values, in the order given.

A byte for the form, four for a CRC-32 of form and columns, then the columns, little-endian as all machines that we
run on: times as 64-bit ticks, values as the doubles they are. From 16 readings on the times are differences, and both
columns are deflated; with fewer that would cost more time than it saves room.
"""

import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from operator import sub

_HEAD = struct.Struct("<BI")
_PLAIN = 1
_DEFLATED = 2
_WORTH_DEFLATING = 16
# A window of 8 KiB and little memory: the usual 32 KiB take 60 µs to set up, more than an hour of readings to deflate.
_LEVEL, _WINDOW, _MEMORY = 1, -13, 6


class Damaged(Exception):  # noqa: N818 - it says what it is
    """These bytes are not what was packed. Tell which readings are lost; reading them again cannot cure it."""


def pack(times: Sequence[int], values: Sequence[float]) -> bytes:
    """Pack readings: their times (ticks of 100 ns, within ±2**62) and as many finite or other values.

    Raises OverflowError for a time that is out of range and ValueError if there are not as many values.
    """
    if len(times) != len(values):
        raise ValueError(f"{len(times)} times for {len(values)} values")
    if len(times) >= _WORTH_DEFLATING:
        try:
            differences = _columns(map(sub, times, chain((0,), times)), values)
        except OverflowError:
            pass  # two times are 2**63 apart, or one of them is out of range, which is told below
        else:
            return _sealed(_DEFLATED, _deflated(differences))
    return _sealed(_PLAIN, _columns(times, values))


def unpack(data: bytes) -> "tuple[array[int], array[float]]":
    """Give times and values as they were packed. Raises Damaged."""
    form, payload = _opened(data)
    try:
        columns = zlib.decompress(payload, _WINDOW) if form == _DEFLATED else payload
        half = len(columns) // 2
        times, values = array("q", columns[:half]), array("d", columns[half:])
        return (array("q", accumulate(times)) if form == _DEFLATED else times), values
    except (zlib.error, ValueError, OverflowError) as error:
        raise Damaged("the checksum matches what was never packed") from error


def _columns(times: Iterable[int], values: Sequence[float]) -> bytes:
    return array("q", times).tobytes() + array("d", values).tobytes()


def _deflated(columns: bytes) -> bytes:
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY)
    return deflate.compress(columns) + deflate.flush()


def _sealed(form: int, payload: bytes) -> bytes:
    return _HEAD.pack(form, zlib.crc32(payload, form)) + payload


def _opened(data: bytes) -> tuple[int, bytes]:
    """Give the form and what lies behind the checksum. Raises Damaged."""
    if len(data) < _HEAD.size:
        raise Damaged(f"{len(data)} bytes are too few")
    form, seal = _HEAD.unpack_from(data)
    payload = data[_HEAD.size :]
    if form not in {_PLAIN, _DEFLATED}:
        raise Damaged(f"form {form} is unknown")
    if zlib.crc32(payload, form) != seal:
        raise Damaged("the checksum does not match")
    return form, payload
