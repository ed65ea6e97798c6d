"""A spool of windows from an hour ago, and what is damaged in it."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

from sampler.device.adc import Adc
from sampler.device.spool import Spool
from sampler.device.window import Window
from tests.faults.effort import note
from tests.faults.oracle import NS, Seen, celsius

PAGE = 4096
ROWS_A_PAGE = 20


def record(path: Path, count: int) -> None:
    """Fill a spool with windows of an hour ago, of ten equal readings each."""
    length, start = NS // 10, (time.time_ns() // NS - 3600) * NS
    spool = Spool(path, 10 * count)
    spool.add(_window(number, start + number * length, length) for number in range(1, count + 1))
    spool.close()


def check_recorded(windows: Sequence[Seen]) -> None:
    """See that each of these is as it was recorded."""
    assert all(window.average == celsius(_code_of(window.sequence), 1) for window in windows)


def wipe_a_page(path: Path, part: float) -> None:
    """Fill a page of measurements with zeros, the first that lies after that part of the file."""
    note("pages of a spool wiped")
    with path.open("r+b") as file:
        pages = list(iter(lambda: file.read(PAGE), b""))
        where = next(at for at in range(int(len(pages) * part), len(pages)) if b"celsius" in pages[at])
        file.seek(where * PAGE)
        file.write(bytes(PAGE))


def named_as_lost(log: str) -> set[int]:
    """Read `is healed: … lost are 283 to 296, 300; …`."""
    named = re.search(r"lost are ([^;]*);", log)
    ranges = [part.split(" to ") for part in named[1].split(", ")] if named else []
    return {number for part in ranges for number in range(int(part[0]), int(part[-1]) + 1)}


def _window(number: int, start: int, length: int) -> Window:
    window = Window(Adc(), "another", start, start + length, length // 10, 0, start)
    for _ in range(10):
        window.take(_code_of(number))
    return window


def _code_of(number: int) -> int:
    return 7 * number % 4096
