"""A good spool with everything in it, as a daemon that was killed and one that was stopped leave it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fuzzing.places import folder
from sampler.device.adc import Adc
from sampler.device.kept import ClockState
from sampler.device.spool import Entry, Spool
from sampler.device.spool.log import log_of
from sampler.device.window import Window

_NS = 1_000_000_000
_LENGTH = 120 * _NS
_EPOCH = 1_618_258_820 * _NS
"""2021-04-12T20:20:20Z."""
_NOW = datetime(2021, 4, 13, tzinfo=UTC)
_FRAME = 24 + 4096
_CLOSED = 27
"""Windows before the last start: more than one page of measurements."""
MOST = 1_000

Meant = tuple[object, ...]
"""What of a measurement may never be wrong."""


def window(number: int, taken: int = 12, boot: str = "boot-1", clock: ClockState = "set") -> Window:
    """Give the window of this number, 120 s each, with so many readings."""
    start = number * _LENGTH
    made = Window(Adc(), boot, start, start + _LENGTH, _NS // 10, _EPOCH, _EPOCH + start, clock)
    for turn in range(taken):
        made.take(number % 4096 if turn % 2 else 2048)
    return made


def meant(entry: Entry) -> Meant:
    return entry.key, entry.measurement, repr(entry.quality)


@dataclass
class Sample:
    """The files of a spool, and everything that was ever true of it."""

    file: bytes = b""
    log: bytes = b""
    truths: dict[int, set[Meant]] = field(default_factory=dict)
    """What each number ever stood for."""
    windows: list[Window] = field(default_factory=list)
    """The windows that were ever open."""
    delivered: set[int] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    commits: list[tuple[int, int]] = field(default_factory=list)
    """How many numbers were given out when the log had so many frames."""
    contents: dict[int, Meant] = field(default_factory=dict)
    """What is in it at the end."""

    def note(self, spool: Spool, path: Path) -> None:
        """Look at it after a change."""
        self.contents = {entry.sequence: meant(entry) for entry in spool.entries()}
        for number, one in self.contents.items():
            self.truths.setdefault(number, set()).add(one)
            self.keys.add(str(one[0]))
        if (open_window := spool.resume().window) is not None:
            self.windows.append(open_window)
        self.delivered |= _delivered(spool)
        self.file, log = path.read_bytes(), log_of(path)
        self.log = log.read_bytes() if log.exists() else b""
        self.commits.append((len(self.log) // _FRAME, spool.verify().produced))

    @property
    def produced(self) -> int:
        return self.commits[-1][1]


def _delivered(spool: Spool) -> set[int]:
    account = spool.verify()
    gone = {number for one in account.dropped_ranges for number in range(one.first, one.last + 1)}
    return set(range(1, account.produced + 1)) - gone - {entry.sequence for entry in spool.entries()}


@cache
def samples() -> tuple[Sample, Sample]:
    """Make it once: as it lies after a kill, with a log beside it, and after a stop, without."""
    path = folder() / "sample" / "spool.db"
    killed, spool = Sample(), Spool(path, MOST)
    for number in range(_CLOSED):
        spool.turn(window(number), window(number + 1, taken=7))
        killed.windows.append(window(number + 1, taken=7))
        if number % 9 == 8:
            killed.note(spool, path)
            spool.delivered([kept.sequence for kept in spool.newest_waiting(2)], _NOW)
    spool.set_aside(3, "400 Bad Request", _NOW)
    spool.drop([5, 6], "by hand")
    after = _CLOSED
    spool.turn(window(after), window(after + 1, taken=0))
    spool.turn(window(after + 1, taken=0), window(after + 2, taken=3))  # a stretch without a reading
    killed.note(spool, path)
    spool.close()
    killed.commits.clear()
    for number in range(after + 2, after + 8):
        hold = number > after + 5
        spool.turn(window(number, clock="unset"), window(number + 1, taken=5, clock="unset"), hold=hold)
        killed.note(spool, path)
        if number == after + 4:
            spool.delivered([kept.sequence for kept in spool.newest_waiting(1)], _NOW)
            spool.lose(2, _EPOCH - _LENGTH, _EPOCH, "memory was full")
            killed.note(spool, path)
    spool.close()
    stopped = Sample(
        path.read_bytes(),
        b"",
        *(getattr(killed, name) for name in ("truths", "windows", "delivered", "keys")),
    )
    stopped.commits, stopped.contents = [(0, killed.produced)], killed.contents
    return killed, stopped
