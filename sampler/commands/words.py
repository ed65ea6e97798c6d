"""How measurements and times are written for people, and the backlog for programs. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sampler.device.kept import Quality
from sampler.device.spool import Entry
from sampler.measurement import iso

COLUMNS = (
    "sequence", "key", "state", "start", "end", "min", "max", "average",
    "due", "taken", "missed", "bad", "clock", "reason", "since",
)  # fmt: skip
"""Of the backlog as CSV."""


def moment(time: datetime) -> str:
    """Write a UTC time: `2021-04-12 20:20:20Z`."""
    return f"{time:%Y-%m-%d %H:%M:%S}Z"


def period(start: datetime, end: datetime) -> str:
    """Write a period of UTC times: `2021-04-12 20:20:20 to 20:22:20Z`, with the second date if it is another."""
    until = f"{end:%H:%M:%S}Z" if start.date() == end.date() else moment(end)
    return f"{start:%Y-%m-%d %H:%M:%S} to {until}"


def plural(count: int, word: str) -> str:
    """Write a number of things: `1 window`, `2 windows`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def why_not_whole(quality: Quality) -> str:
    """Say what a window lacks: `5 missed (3 away, 2 late), 1 bad (1 blank), clock stepped`; nothing if it is whole."""
    lacks = [
        f"{sum(readings.values())} {word} ({counts(readings)})"
        for word, readings in (("missed", quality.missed), ("bad", quality.bad))
        if readings
    ]
    return ", ".join(lacks if quality.clock == "set" else [*lacks, f"clock {quality.clock}"])


def counts(by_reason: Mapping[str, int]) -> str:
    """Write what was counted by its reasons: `3 away, 2 late`."""
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in by_reason.items())


def document(entry: Entry) -> dict[str, Any]:
    """Give a measurement of the backlog as JSON: the published form, with its identity, quality and state."""
    return {
        "sequence": entry.sequence,
        "key": entry.key,
        "state": entry.state,
        **entry.measurement.as_json(),
        "quality": entry.quality.as_json(),
        "reason": entry.reason,
        "since": entry.since,
    }


def row(entry: Entry) -> list[object]:
    """Give a measurement of the backlog under COLUMNS; missed and bad are numbers of readings."""
    measurement, quality = entry.measurement, entry.quality
    return [
        *(entry.sequence, entry.key, entry.state, iso(measurement.start), iso(measurement.end)),
        *(measurement.min, measurement.max, measurement.average),
        *(quality.due, quality.taken, sum(quality.missed.values()), sum(quality.bad.values()), quality.clock),
        *(entry.reason, entry.since),
    ]
