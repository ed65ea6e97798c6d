"""Whether what is told of a window is what it came to, to the last digit."""

from collections.abc import Iterator, Sequence
from typing import Any

from simulation.diary import Life, Stored
from simulation.oracle.reckoning import Closing, Sum, Tally, count_of_ways, tallies
from simulation.oracle.scale import Scale
from simulation.oracle.violation import Rule

MANY = 5_000
"""Crash upon crash within one window leaves open more ways than are worth trying: then only its bounds are judged."""


class Matching:
    """Compares measurements with the truth."""

    def __init__(self, lives: Sequence[Life]) -> None:
        self._lives = lives
        self._scales = {id(life): Scale(life.settings) for life in lives}
        self.tried = 0
        """How many ways have been reckoned."""

    def ways(self, closing: Closing) -> list[Tally]:
        """Give what the window may have come to; of too many ways only the one with the least and with the most."""
        if count_of_ways(closing.window) <= MANY:
            found = list(tallies(closing, self._lives))
        else:
            ends = ("least", "most")
            found = [tally for end in ends for tally in tallies(_settled(closing, end), self._lives)]
        self.tried += len(found)
        return found

    def agrees(self, closing: Closing, tally: Tally, seen: Stored) -> bool:
        """Tell whether the measurement is what the window came to, if it came to this."""
        total, quality = tally.sum, seen.quality
        if not total.taken:
            return False
        if count_of_ways(closing.window) > MANY:
            return self._in_bounds(closing, seen)
        if quality is not None and quality["taken"] != total.taken:
            return False
        scale = self._scale(closing)
        return (
            scale.mean(total.total, total.taken) == seen.average
            and scale.celsius(total.lowest) == seen.min
            and scale.celsius(total.highest) == seen.max
            and (quality is None or not any(_misaccounted(tally, quality)))
        )

    def differences(self, closing: Closing, seen: Stored) -> list[tuple[Rule, str]]:
        """Say where the measurement is not what the window came to, in the way that is most like it."""
        return min((list(self._compare(closing, tally, seen)) for tally in self.ways(closing)), key=len)

    def of_open(self, closing: Closing, told: Any) -> bool:
        """Tell whether the journalled open window is what its questions came to."""
        ways = self.ways(closing)
        extremes = (told.lowest, told.highest)
        no_value = told.missed.get("no_value", 0)
        heart = Sum(told.taken, told.total, *extremes, no_value, tuple(sorted(told.bad.items())))
        return count_of_ways(closing.window) > MANY or any(tally.sum == heart for tally in ways)

    def _scale(self, closing: Closing) -> Scale:
        return self._scales[id(self._lives[closing.window.life])]

    def _in_bounds(self, closing: Closing, seen: Stored) -> bool:
        scale, most = self._scale(closing), self.ways(closing)[-1].sum
        return scale.celsius(most.lowest) <= seen.min <= seen.max <= scale.celsius(most.highest)

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


def _settled(closing: Closing, end: str) -> Closing:
    pieces = closing.window.pieces
    fixed = tuple(piece._replace(least=getattr(piece, end), most=getattr(piece, end)) for piece in pieces)
    return closing._replace(window=closing.window._replace(pieces=fixed))


def _misaccounted(tally: Tally, quality: dict[str, Any]) -> Iterator[tuple[Rule, str]]:
    bad, missed = dict(tally.sum.bad), tally.missed
    found = {reason: count for reason, count in quality["missed"].items() if count}
    if quality["taken"] != tally.sum.taken:
        yield "c", f"{tally.sum.taken} good readings came, not {quality['taken']}"
    if quality["bad"] != bad:
        yield "c", f"bad readings were {bad}, not {quality['bad']}"
    if found != missed:
        rule: Rule = "c" if found.get("no_value", 0) != missed.get("no_value", 0) else "d"
        yield rule, f"missed were {missed}, not {found}"
    if quality["due"] != tally.due:
        yield "d", f"{tally.due} readings were due, not {quality['due']}"
