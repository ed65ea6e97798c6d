"""Hand-made truths for the oracle: lives of ten-second windows with a reading a second, and what is said."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sampler.device.adc import Adc
from sampler.device.kept import Quality
from sampler.device.spool import Account, Entry, SpoolStatus
from sampler.device.spool.ledger import Range
from sampler.device.spool.rows import Stretch
from sampler.device.window import Window
from sampler.measurement import TemperatureMeasurement
from simulation.diary import NS, Backend, Device, Ending, Given, Life, Settings, Stored
from simulation.oracle import Product, judge

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * NS
BOOT = 100 * NS
"""What the monotonic clock says at noon, when the first life begins."""
OFFSET = NOON - BOOT
ADC = Adc(min_c=0.0, max_c=40.95)
"""A code is a hundredth of a degree."""
SETTINGS = Settings(length=10 * NS, period=NS, journal=3 * NS, patience=60 * NS, min_c=0.0, max_c=40.95)


def life(
    given: Sequence[Given],
    began_s: float = 0.0,
    ended_s: float | None = None,
    how: Ending = "stopped",
    **named,
) -> Life:
    """A life whose sensor gives these, a second apart, from its beginning on; seconds are since noon."""
    began = BOOT + round(began_s * NS)
    ended = began + len(given) * NS if ended_s is None else BOOT + round(ended_s * NS)
    asked = [began + number * NS for number in range(len(given))]
    named = {"boot_id": "boot-1", "settings": SETTINGS, "wall": [(began, OFFSET)], **named}
    return Life(began=began, ended=ended, how=how, asked=asked, given=list(given), **named)


def stored(  # noqa: PLR0917 - a row has so many columns
    sequence: int,
    start_s: float,
    numbers: tuple[float, float, float],
    length_s: float = 10.0,
    due: int = 10,
    taken: int | None = None,
    missed: dict[str, int] | None = None,
    bad: dict[str, int] | None = None,
    clock: str = "set",
    spool: str = "cafe0001",
) -> Stored:
    """A measurement as the backend has it: minimum, maximum and average in °C; seconds are since noon."""
    missed, bad = missed or {}, bad or {}
    taken = due - sum(missed.values()) - sum(bad.values()) if taken is None else taken
    start = NOON + round(start_s * NS)
    quality = {"due": due, "taken": taken, "missed": missed, "bad": bad, "clock": clock}
    return Stored(f"{spool}-{sequence}", start, start + round(length_s * NS), *numbers, quality)


def entry(row: Stored, state: str = "waiting") -> Entry:
    """The same measurement in the spool."""
    times = (EPOCH + timedelta(milliseconds=time // 1_000_000) for time in (row.start, row.end))
    measurement = TemperatureMeasurement(*times, row.min, row.max, row.average)
    assert row.quality is not None
    sequence = int(row.key.rpartition("-")[2])
    return Entry(sequence, row.key, state, measurement, Quality(**row.quality), "", "")  # type: ignore[arg-type]


def open_window(opened_s: float, codes: Sequence[int], opened: int | None = None, **named) -> Window:
    """The open window, as journalled after these codes."""
    at = BOOT + round(opened_s * NS) if opened is None else opened
    window = Window(ADC, "boot-1", at, at + 10 * NS, NS, OFFSET, at + OFFSET)
    for code in codes:
        window.take(code)
    return replace(window, **named)


@dataclass
class Case:
    """A device, its backend, and what the product says at the end; an account that adds up, unless a test says so."""

    lives: list[Life]
    rows: list[Stored] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    dropped: list[Range] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    window: Window | None = None
    backend: Backend = field(default_factory=Backend)
    produced: int | None = None
    spool: str = "cafe0001"
    account: Callable[[Account], Account] = lambda account: account

    def violations(self) -> list[str]:
        """What the oracle says: each promise that is broken, with the number if there is one."""
        return [
            f"({found.rule}) {found.sequence or ''}".strip() + f": {found.text}"
            for found in judge(Device("a device", self.lives), self.product(), self.backend)
        ]

    def broken(self) -> list[str]:
        """Which promises are broken."""
        return [one.partition(":")[0] for one in self.violations()]

    def product(self) -> Product:
        waiting = sum(one.state in {"waiting", "held"} for one in self.entries)
        held = sum(one.state == "held" for one in self.entries)
        aside = sum(one.state == "set_aside" for one in self.entries)
        dropped = sum(len(gone) for gone in self.dropped)
        there = {one.sequence for one in self.entries}
        there.update(*(range(gone.first, gone.last + 1) for gone in self.dropped))
        known = [*there, *self._numbers([*(row.key for row in self.rows), *self.backend.restored])]
        produced = max(known, default=0) if self.produced is None else self.produced
        delivered = produced - len(self.entries) - dropped
        account = Account(produced, delivered, waiting, held, aside, dropped, self.dropped)
        empty = sum(stretch.windows for stretch in self.stretches)
        status = SpoolStatus(
            self.spool, produced, delivered, waiting, held, aside, dropped, empty, 0, self.window, None, None
        )
        return Product(self.account(account), self.entries, self.stretches, status, self.rows)

    def _numbers(self, keys: Iterable[str]) -> list[int]:
        return [int(number) for key in keys if (number := key.rpartition("-")[2]).isdecimal()]
