"""Whether what is told of a window is what it came to, to the last digit."""

from collections.abc import Iterator, Sequence
from typing import Any

from simulation.diary import Life, Stored
from simulation.oracle.reckoning import Closing, Sum, Tally, count_of_ways, summed, tallies
from simulation.oracle.scale import Scale
from simulation.oracle.violation import Rule

MANY = 20_000
"""Crash upon crash within one window leaves open more ways than are worth trying: then only its bounds are judged."""


class Matching:
    """Compares measurements with the truth."""

    def __init__(self, lives: Sequence[Life]) -> None:
        self._lives = lives
        self._scales = {id(life): Scale(life.settings) for life in lives}

    def may_be_empty(self, closing: Closing) -> bool:
        """Tell whether the window may have had not one good reading."""
        return any(not tally.sum.taken for tally in self._tallies(closing))

    def may_have_readings(self, closing: Closing) -> bool:
        """Tell whether the window may have had a good reading."""
        return any(tally.sum.taken for tally in self._tallies(closing))

    def agrees(self, closing: Closing, seen: Stored) -> bool:
        """Tell whether the measurement is what the window came to, in one of the ways that are left open."""
        if count_of_ways(closing.window) > MANY:
            return not any(self._out_of_bounds(closing, seen))
        return any(not self._differs(closing, tally, seen) for tally in self._tallies(closing))

    def differences(self, closing: Closing, seen: Stored) -> list[tuple[Rule, str]]:
        """Say where the measurement is not what the window came to, in the way that is most like it."""
        if count_of_ways(closing.window) > MANY:
            return list(self._out_of_bounds(closing, seen))
        found = [list(self._compare(closing, tally, seen)) for tally in tallies(closing, self._lives)]
        return min(found, key=len)

    def of_open(self, closing: Closing, told: Any) -> bool:
        """Tell whether the journalled open window is what its questions came to."""
        if count_of_ways(closing.window) > MANY:
            return True
        heart = Sum(
            told.taken,
            told.total,
            told.lowest,
            told.highest,
            told.missed.get("no_value", 0),
            tuple(sorted(told.bad.items())),
        )
        return any(tally.sum == heart for tally in tallies(closing, self._lives))

    def _tallies(self, closing: Closing) -> Iterator[Tally]:
        return tallies(closing, self._lives)

    def _scale(self, closing: Closing) -> Scale:
        return self._scales[id(self._lives[closing.window.life])]

    def _differs(self, closing: Closing, tally: Tally, seen: Stored) -> bool:
        total, scale, quality = tally.sum, self._scale(closing), seen.quality
        if not total.taken or (quality is not None and quality["taken"] != total.taken):
            return True
        return (
            scale.mean(total.total, total.taken) != seen.average
            or scale.celsius(total.lowest) != seen.min
            or scale.celsius(total.highest) != seen.max
            or (quality is not None and any(_misaccounted(tally, quality)))
        )

    def _compare(self, closing: Closing, tally: Tally, seen: Stored) -> Iterator[tuple[Rule, str]]:
        total, scale = tally.sum, self._scale(closing)
        if not total.taken:
            yield "c", "a measurement of a window that had no reading"
            return
        numbers = {
            "minimum": (scale.celsius(total.lowest), seen.min),
            "maximum": (scale.celsius(total.highest), seen.max),
            "average": (scale.mean(total.total, total.taken), seen.average),
        }
        for name, (expected, found) in numbers.items():
            if expected != found:
                yield "b", f"the {name} of its readings is {expected} °C, not {found}"
        if seen.quality is not None:
            yield from _misaccounted(tally, seen.quality)

    def _out_of_bounds(self, closing: Closing, seen: Stored) -> Iterator[tuple[Rule, str]]:
        scale, window = self._scale(closing), closing.window
        given = [
            one for piece in window.pieces for one in self._lives[piece.life].given[piece.first : piece.most]
        ]
        total = summed(given, scale.full_scale)
        if not total.taken:
            yield "c", "a measurement of a window that had no reading"
        elif not scale.celsius(total.lowest) <= seen.min <= seen.max <= scale.celsius(total.highest):
            yield "b", f"{seen.min} to {seen.max} °C are not among its readings"


def _misaccounted(tally: Tally, quality: dict[str, Any]) -> Iterator[tuple[Rule, str]]:
    bad, missed = dict(tally.sum.bad), tally.missed
    found_missed = {reason: count for reason, count in quality["missed"].items() if count}
    if quality["taken"] != tally.sum.taken:
        yield "c", f"{tally.sum.taken} good readings came, not {quality['taken']}"
    if quality["bad"] != bad:
        yield "c", f"bad readings were {bad}, not {quality['bad']}"
    if found_missed.get("no_value", 0) != missed.get("no_value", 0):
        yield "c", f"no value came {missed.get('no_value', 0)} times, not {found_missed.get('no_value', 0)}"
    if _without_no_value(found_missed) != _without_no_value(missed):
        yield "d", f"missed were {missed}, not {found_missed}"
    if quality["due"] != tally.due:
        yield "d", f"{tally.due} readings were due, not {quality['due']}"


def _without_no_value(missed: dict[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in missed.items() if reason != "no_value"}
