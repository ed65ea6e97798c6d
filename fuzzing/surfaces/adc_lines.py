"""ADC lines: any bytes in any pieces, from a buffer, from a file, and from a file that grows while it is followed."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest import mock

from fuzzing.cutting import header, pieces
from fuzzing.places import folder
from fuzzing.target import Target
from sampler.device.sources import BadReading, Ended, NoValue, open_file
from sampler.device.sources.file import FileSource
from sampler.device.sources.lines import LONGEST, LineBuffer, code

Outcome = int | str
"""A code, or the kind of a bad reading."""

_SPACE = rb"[ \t\n\r\x0b\x0c]*"
_CODE = re.compile(rb"(?:\xef\xbb\xbf)?" + _SPACE + rb"(-?[0-9]+)" + _SPACE)
_BLANK = re.compile(rb"(?:\xef\xbb\xbf)?" + _SPACE)
_CHUNKS = (4096, 50, 64, 300)
"""Bytes that are read at a time: the product's own number, and smaller ones, so that short inputs come in several.

One reading takes sixteen of them: enough for the longest input.
"""
_TRUNCATES, _REPLACES = b"\x01", b"\x02"
"""What a piece begins with that comes after such a change of the file."""


def one(data: bytes) -> None:
    (how, growing, chunk), text = header(data, 3)
    with mock.patch.multiple(open_file, CHUNK=_CHUNKS[chunk % len(_CHUNKS)]):
        stands(text, how)
        follows(pieces(text, 2 + growing))


def stands(text: bytes, how: int) -> None:
    """See that the lines of a text are the same from a buffer, and from a file, once and over and over."""
    *whole, rest = text.split(b"\n")
    overlong = ["unreadable"] if len(rest) > LONGEST else []  # its end may never come
    expected = [*map(meant, whole), *overlong]
    assert from_buffer(pieces(text, how)) == expected
    if rest and not overlong:
        expected.append(meant(rest))  # to a file, the end is an end
    assert from_file(text, "stop", len(text) + 1) == expected
    around = expected or ["blank"]
    assert from_file(text, "wrap", 2 * len(around) + 1) == [*around, *around, around[0]]


def meant(line: bytes) -> Outcome:
    """Say what a line is, by rules written down a second time."""
    if len(line) > LONGEST:
        return "unreadable"
    if form := _CODE.fullmatch(line):
        return int(form[1])
    return "blank" if _BLANK.fullmatch(line) else "unreadable"


def outcome(read: Callable[[], int]) -> Outcome:
    try:
        return read()
    except BadReading as bad:
        assert str(bad).isprintable()
        assert len(str(bad)) < 300
        return bad.kind


def from_buffer(parts: list[bytes]) -> list[Outcome]:
    buffer, found = LineBuffer(), []
    for part in parts:
        buffer.feed(part)
        while (line := buffer.pop()) is not None:
            found.append(outcome(partial(code, line, "here")))
        assert len(buffer._data) <= LONGEST + len(part)  # bounded, whatever comes
    return found


def from_file(text: bytes, at_end: str, most: int) -> list[Outcome]:
    path = folder() / "codes"
    path.write_bytes(text)
    source, found = FileSource(path, at_end), list[Outcome]()
    try:
        while len(found) < most:
            found.append(outcome(source.read))
    except Ended:
        assert at_end == "stop"
    finally:
        source.close()
    return found


def follows(parts: list[bytes]) -> None:
    """Let a file grow, be truncated and be replaced; no code is invented, none that can be seen is missed."""
    path, (first, *others) = folder() / "growing", parts or [b""]
    path.write_bytes(first)
    source = FileSource(path, "follow")
    versions = [b"" if first.endswith(b"\n") or not first else b"the end of a line that began before, "]
    found = list(drained(source))
    for part in others:
        if part.startswith((_TRUNCATES, _REPLACES)):
            _changed(path, replaced=part.startswith(_REPLACES))
            versions.append(b"")
            found += drained(source)
        with path.open("ab", buffering=0) as file:
            file.write(part)
        versions[-1] += part
        found += drained(source)
    source.close()
    lines = [line for version in versions for line in version.split(b"\n")[:-1]]
    assert found == [value for line in lines if isinstance(value := meant(line), int)]


def _changed(path: Path, *, replaced: bool) -> None:
    if replaced:
        new = path.with_suffix(".new")
        new.write_bytes(b"")
        new.rename(path)
    else:
        path.write_bytes(b"")


def drained(source: FileSource) -> Iterator[int]:
    """Read until there is nothing; give the codes."""
    for _ in range(10_000):
        try:
            value = outcome(source.read)
        except NoValue:
            return
        if isinstance(value, int):
            yield value
    raise AssertionError("it never says that there is nothing")


def seeds() -> Iterator[bytes]:
    recording = Path("data/temperature.txt").read_bytes()
    yield b"\0\0\1" + recording[:200]
    yield b"\1\1\0 518\r\n  25\n\n4096\n-1\n+5\n1_000\n\xef\xbb\xbf7\n" + b"9" * 200 + b"\n3"
    yield b"\5\1\2100\n2\x0100\n\x0134\n\x025\n6"
    yield b"\7\3\3" + b" " * 127 + b"1\n" + b" " * 128 + b"1\n" + b"\0" * 130
    yield b"\2\2\2" + recording[:700].replace(b"\n", b"\r\n")


TARGET = Target(
    "ADC lines",
    one,
    seeds,
    (b"\n", b"\r\n", b"\xef\xbb\xbf", b"-", b"4095", b" " * 64),
    longest=768,
    quick=40,
)
