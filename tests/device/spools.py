"""Windows and spools that the spool's tests fill and break."""

from datetime import UTC, datetime
from pathlib import Path

from sampler.device.adc import Adc
from sampler.device.spool import Entry, Spool
from sampler.device.window import Window

NS = 1_000_000_000
LENGTH = 120 * NS
BOOT = "boot-1"
EPOCH = 1_618_258_820 * NS
"""2021-04-12T20:20:20Z, where window 0 begins."""
NOW = datetime(2021, 4, 13, tzinfo=UTC)


def window(number: int, taken: int = 1200, boot: str = BOOT, clock: str = "set") -> Window:
    """The window of this number: 120 s each, on end; half its readings have the code 2048, half the number's own."""
    start = number * LENGTH
    one = Window(Adc(), boot, start, start + LENGTH, NS // 10, EPOCH, EPOCH + start, clock)  # type: ignore[arg-type]
    for turn in range(taken):
        one.take(number if turn % 2 else 2048)
    return one


def fill(spool: Spool, first: int, last: int) -> None:
    """Close the windows first to last, one after the other, and leave the next one open."""
    for number in range(first, last + 1):
        spool.turn(window(number), window(number + 1, taken=0))


def contents(spool: Spool) -> dict[int, Entry]:
    """Everything that is in the spool."""
    return {entry.sequence: entry for entry in spool.entries()}


def dropped(spool: Spool) -> set[int]:
    """The numbers that the account says are dropped."""
    return {number for gone in spool.verify().dropped_ranges for number in range(gone.first, gone.last + 1)}


def zeroed(data: bytes, at: int, length: int = 4096) -> bytes:
    """A file's bytes with a piece of zeros in them."""
    return data[:at] + bytes(min(length, len(data) - at)) + data[at + length :]


def standing_file(path: Path) -> bytes:
    """The bytes of a file whose log has been taken in."""
    assert not path.with_name(f"{path.name}-wal").exists()
    return path.read_bytes()
