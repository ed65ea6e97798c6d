"""The same bytes in other pieces: what comes of them must not depend on it."""

from collections.abc import Iterator
from random import Random


def header(data: bytes, length: int) -> tuple[bytes, bytes]:
    """Take what steers a harness off the front of an input; what is not there is 0."""
    return data[:length].ljust(length, b"\0"), data[length:]


def pieces(data: bytes, how: int) -> list[bytes]:
    """Cut: 0 leaves them whole, 1 makes single bytes, any other number cuts in its own way."""
    return list(_cut(data, how)) if how else [data]


def _cut(data: bytes, how: int) -> Iterator[bytes]:
    chance, at = Random(how), 0
    while at < len(data):
        size = 1 if how == 1 else chance.choice((1, 2, 5, 13, 34, 89, 233))
        yield data[at : at + size]
        at += size
