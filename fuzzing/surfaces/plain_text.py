"""Contract D's lines, held against a reader of them that is written a second time."""

import re
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from fuzzing.driving import result
from fuzzing.target import Target
from sampler.backend.readings import lines
from sampler.backend.readings.lines import MAX_FAULTS, Malformed

_SPACE = b" \t\r\n\x0b\x0c"
_LINE = re.compile(
    rb"\s*([0-9]{1,12})(\.[0-9]{1,16})?\s+([^\s]+)\s+([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*"
)
_END_S = 7_258_118_400
"""2200-01-01T00:00:00Z."""

Reading = tuple[str, int, float]


def one(body: bytes) -> None:
    expected, faulty = meant(body)
    try:
        series = result(lines.read(body))
    except Malformed as malformed:
        assert faulty
        assert [fault.line for fault in malformed.faults] == faulty[:MAX_FAULTS]
        assert all(fault.reason.isprintable() for fault in malformed.faults)
        return
    assert not faulty
    found = [(each.name, *pair) for each in series for pair in zip(each.times, each.values, strict=True)]
    names = list(dict.fromkeys(name for name, _, _ in expected))
    assert found == sorted(expected, key=lambda reading: names.index(reading[0]))


def meant(body: bytes) -> tuple[list[Reading], list[int]]:
    """Give the readings of a body, and the numbers of its faulty lines."""
    text = body.removeprefix(b"\xef\xbb\xbf")
    if text in {b"", b"\n", b"\r\n"}:
        return [], []
    said = text.removesuffix(b"\n").split(b"\n")
    found = [_reading(line) for line in said]
    return [one for one in found if one], [number for number, one in enumerate(found, 1) if not one]


def _reading(line: bytes) -> Reading | None:
    form = _LINE.fullmatch(line)
    if not form:
        return None
    seconds, fraction, name, number = form.groups()
    ticks = int(seconds) * 10_000_000 + int((fraction or b".")[1:8].ljust(7, b"0"))
    try:
        sensor = name.decode()
    except UnicodeDecodeError:
        return None
    value = float(number)
    named = len(sensor) <= 200 and sensor.isprintable() and sensor.strip("/") != ""
    fits = named and isfinite(value) and int(seconds) < _END_S
    return (sensor, ticks, value) if fits else None


def seeds() -> Iterator[bytes]:
    page = Path("docs/interfaces/power.md").read_text()
    yield "\n".join(re.findall(r"\b\d{10} \w+ [\d.]+", page)).encode()
    yield b"1649941817 Voltage 1.34\r\n1649941818.1234567891 Strom\xc3\xa9 -1.5e-300\n"
    yield b"\xef\xbb\xbf1649941818 1.35 Voltage\n\n0 a 1e999\n7258118400 a .5\n99999999999999 a 5."
    yield b"x\n" * 120
    yield b"\n"
    yield b"\r\n"
    yield b"1649941817 // 1\n1649941817 a/ 1"


TARGET = Target(
    "contract D, plain text",
    one,
    seeds,
    (b"1649941817 ", b" Voltage ", b"\n", b"\r\n", b"1e308", b"\xc2\x85", b"\x1c", b"\xef\xbb\xbf"),
    quick=600,
)
