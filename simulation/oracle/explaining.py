"""Which number a window that has closed can have got: without a fault, and with one."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from simulation.diary import Life, Stored
from simulation.oracle.matching import Matching
from simulation.oracle.openings import STEP
from simulation.oracle.places import named, widened
from simulation.oracle.product import MS, Number
from simulation.oracle.reckoning import Closing, Tally, Window
from simulation.oracle.storyteller import Storyteller
from simulation.oracle.trail import Fault, Step, Trail


class Explaining:
    """Knows the numbers that were given out, in order."""

    def __init__(
        self,
        lives: Sequence[Life],
        numbers: Sequence[Number],
        stretches: Sequence[tuple[int, int]],
        matching: Matching,
    ) -> None:
        """Take the numbers in order, and since when how many windows had no reading, as the product says."""
        self._lives = lives
        self._numbers = numbers
        starts, counts = zip(*sorted(stretches), strict=True) if stretches else ((), ())
        self._starts: Sequence[int] = starts
        self._empty = [0, *accumulate(counts)]
        self._matching = matching
        self._storyteller = Storyteller(lives)

    def next_number(self, trail: Trail) -> Number | None:
        """Give the number that a trail has to explain next."""
        return self._numbers[trail.at] if trail.at < len(self._numbers) else None

    def explanations(self, closing: Closing, trail: Trail) -> Iterator[Trail]:
        """Go on behind a window in every way in which the next number is its own, or it needs none."""
        number = self.next_number(trail)
        if number is not None and number.how == "damaged":
            yield from self.explanations(closing, trail._replace(at=trail.at + 1).doubted())
        told: set[tuple[bool, int]] = set()
        for tally in self._matching.ways(closing):
            # Where a window was cut is where it ended: each such instant is a way of its own.
            empty, what = not tally.sum.taken, (not tally.sum.taken, tally.due)
            if what in told:
                continue
            if number is not None and self._explains(closing, tally, number):
                told.add(what)
                yield self._with_number(trail, closing, tally, number)
            if empty:
                told.add(what)
                yield self._without_number(trail, closing, tally)._replace(empty=trail.empty + 1)

    def _explains(self, closing: Closing, tally: Tally, number: Number) -> bool:
        if number.seen is not None:
            return self._matching.agrees(closing, tally, number.seen)
        return tally.sum.taken > 0 or (number.how == "memory" and closing.how == "turned")

    def _with_number(self, trail: Trail, closing: Closing, tally: Tally, number: Number) -> Trail:
        step = self._storyteller.step(trail.last, closing, tally, number)
        guess = step.label - (step.ended - closing.window.opened) // 2
        start = number.seen.start if number.seen else guess
        astray = abs(trail.empty - self._empty[bisect_right(self._starts, start)])
        odd = trail.odd + _odd(step, self._lives)
        return trail._replace(at=trail.at + 1, odd=odd, astray=astray, last=step)

    def _without_number(self, trail: Trail, closing: Closing, tally: Tally) -> Trail:
        return trail._replace(last=self._storyteller.step(trail.last, closing, tally, None))

    def blamed(self, closing: Closing, trail: Trail) -> Iterator[Trail]:
        """Go on behind a window whose number is missing, or is wrong, or is of fewer readings than may be lost."""
        *_, most = self._matching.ways(closing)
        number = self.next_number(trail)
        text = f"the window that {named(closing.window)} has no number"
        yield self._without_number(trail, closing, most).blamed(Fault("a", None, text))
        if number is None or number.seen is None:
            return
        found = self._matching.differences(closing, number.seen)
        faults = (Fault(rule, number.sequence, text) for rule, text in found)
        yield self._with_number(trail, closing, most, number).blamed(*faults)
        wide = closing._replace(window=widened(closing.window))
        for tally in self._matching.ways(wide):
            if self._matching.agrees(wide, tally, number.seen):
                text = "of its readings, more than the last of the journal's period are lost"
                yield self._with_number(trail, wide, tally, number).blamed(Fault("f", number.sequence, text))
                return


def _odd(step: Step, lives: Sequence[Life]) -> int:
    """Count how a label is not its window's, by the boot's clock and by its length: mostly a wrong guess of ours."""
    seen, window = step.number.seen if step.number else None, step.closing.window
    clock = seen.quality["clock"] if seen and seen.quality else "set"
    if seen is None or clock == "stepped":
        return 0
    longer = abs((seen.end - seen.start) - (step.ended - window.opened)) > MS
    return longer + (clock == "set" and not _goes_on(step, seen, lives) and not _known(window, seen, lives))


def _goes_on(step: Step, seen: Stored, lives: Sequence[Life]) -> bool:
    """Tell whether a label goes on where the last one ended, and the window does so, too."""
    before, window = step.before, step.closing.window
    if before is None or abs(seen.start - before.label) > MS:
        return False
    former = lives[before.closing.window.life].boot_id
    return before.ended == window.opened or former != lives[window.life].boot_id


def _known(window: Window, seen: Stored, lives: Sequence[Life]) -> bool:
    """Tell whether a label is one that the wall clock gave at any time in the boot."""
    used, boot = seen.start - window.opened, lives[window.life].boot_id
    return any(
        abs(used - offset) <= STEP + MS for life in lives if life.boot_id == boot for _, offset in life.wall
    )


def unexplained(number: Number) -> Fault:
    """Say that no window is left for a number."""
    shown = f": {number.seen}" if number.seen else f" ({number.how})"
    return Fault("c", number.sequence, f"no window is left that it can be of{shown}")
