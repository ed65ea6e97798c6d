"""What must be true of a device and its backend, whatever has happened to them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, Life

NS = 1_000_000_000
FULL_SCALE = 4095
LAG = NS // 4
"""How long what was measured may take to the disk, ns, while several daemons start on two cores."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A measurement as the backend or the spool has it; times in ns since 1970."""

    key: str
    start: int
    end: int
    min: float
    max: float
    average: float
    quality: Mapping[str, Any]

    @property
    def sequence(self) -> int:
        return int(self.key.rpartition("-")[2])

    def missed(self, reason: str) -> int:
        return int(self.quality["missed"].get(reason, 0))


@dataclass(frozen=True, slots=True)
class Account:
    """Everything a device has produced, by sequence, without what it has dropped by name."""

    windows: list[Seen]
    stored: set[int]
    dropped: dict[int, str]
    told: Mapping[str, Any]
    """What `sampler verify` says."""


def account(device: DeviceProcess, backend: BackendProcess) -> Account:
    """Add up what has become of every number; nothing is lost, doubled or invented."""
    told, kept = device.verify(), {one.sequence: one for one in map(_from_spool, device.kept())}
    stored = _by_sequence(map(_from_backend, backend.measurements(device=device.name)))
    dropped = {number: gone["reason"] for gone in told["dropped_ranges"] for number in _numbers(gone)}
    everything = {**kept, **stored}
    assert told["balanced"], told
    assert len(kept) == told["waiting"] + told["set_aside"]
    assert {*everything, *dropped} == set(range(1, told["produced"] + 1)), "lost, or out of nowhere"
    # What the backend took and a 2xx never told of still waits: it will come once more, and be stored once.
    assert kept.keys().isdisjoint(dropped)
    delivered = set(range(1, told["produced"] + 1)) - {*kept, *dropped}
    assert delivered <= stored.keys(), "delivered, it says, but the backend has it not"
    assert all(stored[number] == kept[number] for number in stored.keys() & kept.keys())
    identities = {one.key.rpartition("-")[0] for one in everything.values()}
    assert len(identities) <= 1 + device.renamed, identities
    windows = [everything[number] for number in sorted(everything)]
    _check(windows, device.period_s)
    return Account(windows, set(stored), dropped, told)


def check(devices: Iterable[DeviceProcess], backend: BackendProcess) -> list[Account]:
    """See that both sides' sums come out and every number is right; give each device's account."""
    backend.command("verify")
    found = []
    for device in devices:
        found.append(account(device, backend))
        check_numbers(found[-1].windows, device.lives)
        check_gaps(found[-1], device.lives)
    return found


def check_numbers(windows: Sequence[Seen], lives: Sequence[Life]) -> None:
    """Recompute each window from the codes that the daemon's lives have read: pieces of their ramps, each once."""
    cursors: dict[int, set[int]] = {index: {0} for index in range(len(lives))}
    for window in windows:
        present = [index for index, life in enumerate(lives) if _overlaps(life, window)]
        ways = list(_ways(window, present, lives, cursors, window.quality["taken"]))
        assert ways, f"no readings of {[lives[index] for index in present]} make {window}"
        for place, index in enumerate(present):
            cursors[index] = {way[place][1] for way in ways}


def gaps(found: Account) -> list[tuple[int, int]]:
    """Give the times, ns since 1970, that no window covers, from the first to the last."""
    empty = [(_ns(stretch["start"]), _ns(stretch["end"])) for stretch in found.told["without_reading"]]
    covered = sorted([*((window.start, window.end) for window in found.windows), *empty])
    return [(before[1], after[0]) for before, after in pairwise(covered) if before[1] != after[0]]


def absences(lives: Sequence[Life]) -> list[tuple[int, int]]:
    """Give the times, ns since 1970, when nobody sampled, or nobody knows whether somebody did."""
    found: list[tuple[int, int]] = []
    since = None
    for life in lives:
        if since is not None and life.ready is not None:
            found.append((since, life.ready))
            since = None
        since = (life.told or life.ended) if since is None else since
    return found


def check_gaps(found: Account, lives: Sequence[Life]) -> None:
    """Where no window is, nobody sampled. What had not reached the disk yet is away, too."""
    away = absences(lives)
    for start, end in gaps(found):
        assert any(since - LAG <= start and end <= until + LAG for since, until in away), (start, end, away)


def check_losses(found: Account, device: DeviceProcess) -> None:
    """Allow as missing what nobody could sample, and for each end what the journal did not have yet."""
    journal_s = float(str(device.settings["window.journal_s"]))
    away_in = absences(device.lives)
    of_windows = [(window.start, window.end, window.missed("away")) for window in found.windows]
    empty = found.told["without_reading"]
    of_empty = [(_ns(one["start"]), _ns(one["end"]), one["missed"].get("away", 0)) for one in empty]
    for start, end, missed in (*of_windows, *of_empty):
        away = sum(max(0, min(end, until) - max(start, since)) for since, until in away_in)
        ends = sum(start <= (life.ended or 0) < end + LAG for life in device.lives)
        allowed = away / NS + ends * (journal_s + LAG / NS)
        assert missed * device.period_s <= allowed, (start, end, away_in)


def share_missed(windows: Sequence[Seen]) -> float:
    """How many of the readings that were due came too late, of 1."""
    due: int = sum(window.quality["due"] for window in windows)
    return sum(window.missed("late") for window in windows) / due


def celsius(total: int, count: int) -> float:
    """The mean of `count` codes that add up to `total`, as the published interface has it, to two digits."""
    return float(round(Fraction(-50) + Fraction(100 * total, count * FULL_SCALE), 2))


def _check(windows: Sequence[Seen], period_s: float) -> None:
    for window in windows:
        quality = window.quality
        assert quality["due"] == quality["taken"] + sum(quality["missed"].values()) + sum(
            quality["bad"].values()
        )
        assert quality["taken"] > 0
        assert window.min <= window.average <= window.max
        assert window.start < window.end
        if quality["clock"] == "set":
            periods = (window.end - window.start) / NS / period_s
            assert abs(periods - quality["due"]) < 1.2, window  # a label is cut to the millisecond
    for before, after in pairwise(windows):
        assert before.end <= after.start, f"{before} and {after} overlap"


def _ways(
    window: Seen,
    present: Sequence[int],
    lives: Sequence[Life],
    cursors: Mapping[int, Collection[int]],
    taken: int,
) -> Iterator[list[tuple[int, int]]]:
    """Give each way to take so many codes from the lives' ramps: a (from, to) for each of them."""
    for way in _pieces(present, cursors, taken):
        codes = [
            (lives[index].first + start, lives[index].first + end)
            for index, (start, end) in zip(present, way, strict=True)
            if end > start
        ]
        total = sum((first + last - 1) * (last - first) // 2 for first, last in codes)
        if (
            celsius(min(first for first, _ in codes), 1) == window.min
            and celsius(max(last - 1 for _, last in codes), 1) == window.max
            and celsius(total, taken) == window.average
        ):
            yield way


def _pieces(
    present: Sequence[int], cursors: Mapping[int, Collection[int]], taken: int
) -> Iterator[list[tuple[int, int]]]:
    if not present:
        return
    index, *others = present
    for cursor in cursors[index]:
        for count in range(taken + 1) if others else (taken,):
            rest = _pieces(others, cursors, taken - count) if others else [[]]
            for piece in rest:
                yield [(cursor, cursor + count), *piece]


def _overlaps(life: Life, window: Seen) -> bool:
    return life.began < window.end and (life.ended is None or window.start < life.ended)


def _by_sequence(found: Iterable[Seen]) -> dict[int, Seen]:
    every = list(found)
    numbers = {one.sequence: one for one in every}
    assert len(numbers) == len(every), "stored twice"
    return numbers


def _from_backend(found: Mapping[str, Any]) -> Seen:
    start, end = (_ns(found["time"][name]) for name in ("start", "end"))
    return Seen(found["key"], start, end, found["min"], found["max"], found["average"], found["quality"])


def _from_spool(entry: Any) -> Seen:
    found = entry.measurement
    start, end = (_ns(time.isoformat()) for time in (found.start, found.end))
    return Seen(entry.key, start, end, found.min, found.max, found.average, entry.quality.as_json())


def _numbers(gone: Mapping[str, int]) -> range:
    return range(gone["first"], gone["last"] + 1)


def _ns(time: str) -> int:
    # Whole milliseconds: a float has them exactly enough.
    return round(datetime.fromisoformat(time).timestamp() * 1000) * 1_000_000
