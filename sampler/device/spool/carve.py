"""Rows from the raw pages of a file, whatever has become of the trees above them.

Formats: https://sqlite.org/fileformat2.html, sections 1.6 (pages of a b-tree) and 2.1 (records).
"""

from collections.abc import Iterator
from typing import Any

from sampler.device.spool.log import frames
from sampler.device.spool.schema import PAGE
from sampler.raw import Bytes, pieces

_TABLE_LEAF = 13
_LARGEST_LOCAL = PAGE - 35
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)

Values = tuple[Any, ...]


def carve_file(file: Bytes) -> Iterator[Values]:
    """Give every row on every leaf page of a file, current or forgotten."""
    for page in pieces(file, PAGE):
        yield from leaf(page)


def carve_log(log: Bytes) -> Iterator[Values]:
    """Give every row on every leaf page in the log of a file, oldest first."""
    for _, page in frames(log):
        yield from leaf(page)


def leaf(page: bytes) -> Iterator[Values]:
    """Give the rows of a page that is a table's leaf; what cannot be a row is passed over."""
    if len(page) < PAGE or page[0] != _TABLE_LEAF:
        return
    cells = min(int.from_bytes(page[3:5], "big"), (PAGE - 8) // 2)
    for number in range(cells):
        pointer = 8 + 2 * number
        try:
            yield _cell(page, int.from_bytes(page[pointer : pointer + 2], "big"))
        except (IndexError, ValueError):  # UnicodeDecodeError is a ValueError
            continue


def _cell(page: bytes, at: int) -> Values:
    size, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if size > _LARGEST_LOCAL:
        raise ValueError("the row continues on another page: none of ours does")
    types, body = _varint(page, at)
    end, kinds = at + types, []
    while body < end:
        kind, body = _varint(page, body)
        kinds.append(kind)
    values = []
    for kind in kinds:
        value, body = _value(page, body, kind)
        values.append(value)
    # The first column is the row's number, and stored there only.
    return (rowid, *values[1:])


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for position in range(at, at + 8):
        value = value << 7 | page[position] & 0x7F
        if page[position] < 0x80:
            return value, position + 1
    return value << 8 | page[at + 8], at + 9


def _value(page: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind < len(_INTEGER_BYTES):
        end = at + _INTEGER_BYTES[kind]
        return (int.from_bytes(page[at:end], "big", signed=True) if kind else None), end
    if kind in {8, 9}:
        return kind - 8, at
    end = at + (kind - 12) // 2
    if kind < 13 or kind % 2 == 0 or end > PAGE:
        raise ValueError("neither a number nor a text")
    return page[at:end].decode(), end
