"""Rule (e): labels never overlap, go with the numbers, and tell when readings were made by the device's own clock."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from simulation.diary import Life, Stored
from simulation.oracle.openings import PLAUSIBLE, first_tick, offsets
from simulation.oracle.product import MS, Number, Product
from simulation.oracle.trail import Fault, Step, Trail

TOLERANCE = 150 * MS
"""How far a label may be from the device's wall clock: a step is one only beyond 100 ms, to the millisecond."""


class Labelled(NamedTuple):
    """A window and its label; instants in ns, the window's own monotonic, the label's since 1970."""

    number: int
    life: int
    opened: int
    ended: int
    last: int
    """The life in which it ended."""
    seen: Stored

    @property
    def clock(self) -> str | None:
        """What the product says of the wall clock, if it is known."""
        return None if self.seen.quality is None else str(self.seen.quality["clock"])


def judge_labels(
    product: Product, numbers: Sequence[Number], trail: Trail, lives: Sequence[Life]
) -> Iterator[Fault]:
    """Say what is wrong with the labels; `trail` tells which window each number is of."""
    yield from _order(numbers)
    yield from _stretches(product, numbers)
    windows = list(_labelled(trail))
    stretches = [stretch.end // MS * MS for stretch in product.stretches]
    for before, one in zip([None, *windows], windows, strict=False):
        yield from _Label(before, one, lives, stretches).faults()


def _order(numbers: Sequence[Number]) -> Iterator[Fault]:
    newest: Stored | None = None
    for number in numbers:
        seen = number.seen
        if seen is None:
            continue
        if seen.end <= seen.start:
            yield Fault("e", number.sequence, f"it ends at {seen.end}, not after its start, {seen.start}")
        if newest is not None and seen.start < newest.end:
            yield Fault(
                "e", number.sequence, f"it starts at {seen.start}, before {newest.key} ends, {newest.end}"
            )
        newest = seen if newest is None or seen.end > newest.end else newest


def _stretches(product: Product, numbers: Sequence[Number]) -> Iterator[Fault]:
    labels = [(one.seen.start, one.seen.end, one.seen.key) for one in numbers if one.seen]
    spans = [(stretch.start // MS * MS, stretch.end // MS * MS, "") for stretch in product.stretches]
    for stretch in product.stretches:
        if stretch.due != sum(stretch.missed.values()) + sum(stretch.bad.values()):
            yield Fault(
                "d", None, f"of the readings of a stretch without one, not all are told of: {stretch}"
            )
    ordered = sorted([*labels, *spans])
    for (_, end, key), (start, _, other) in pairwise(ordered):
        if start < end and not (key and other):
            yield Fault(
                "e", None, f"a stretch without a reading overlaps {key or other or 'another'}: {start}"
            )


def _labelled(trail: Trail) -> Iterator[Labelled]:
    steps: list[Step] = []
    last = trail.last
    while last is not None:
        steps.append(last)
        last = last.before
    for step in reversed(steps):
        if step.number is not None and step.number.seen is not None:
            yield _of(step, step.number.seen, step.number.sequence)


def _of(step: Step, seen: Stored, number: int) -> Labelled:
    window = step.closing.window
    life = window.pieces[-1].life if window.pieces else window.life
    return Labelled(number, window.life, window.opened, step.ended, life, seen)


class _Label:
    """One window's label, beside the one before it."""

    def __init__(
        self, before: Labelled | None, one: Labelled, lives: Sequence[Life], stretches: Sequence[int]
    ) -> None:
        self._before, self._one, self._lives = before, one, lives
        life = lives[one.life]
        self._offsets = offsets(life, one.opened, first_tick(life, one.opened))
        given = [end for end in stretches if end <= one.seen.start]
        self._newest = max(PLAUSIBLE, before.seen.end if before else 0, *given)

    def faults(self) -> Iterator[Fault]:
        """Say what is wrong with it."""
        found = list(self._wrong())
        return (Fault("e", self._one.number, text) for text in found)

    def _wrong(self) -> Iterator[str]:
        yield from self._continuous()
        if self._one.clock == "set":
            yield from self._true()
        elif self._one.clock is not None and not self._excused():
            yield f"it is marked {self._one.clock!r}, though the clock stood firm"
        yield from self._long_enough()

    @property
    def _behind(self) -> bool:
        """Whether the wall clock, when it opened, lay before what had been given already, or before all belief."""
        return any(self._one.opened + offset < self._newest for offset in self._offsets)

    def _continuous(self) -> Iterator[str]:
        """Let a window start where the one before it ended, if it did so and nobody has moved the clock."""
        before, one = self._before, self._one
        if before is None or before.ended != one.opened or not self._same_boot(before.life):
            return
        used = before.seen.end - before.ended
        if (
            all(abs(used - offset) < 95 * MS for offset in self._offsets)
            and before.seen.end != one.seen.start
        ):
            yield f"it starts at {one.seen.start}, not where the one before it ends, {before.seen.end}"

    def _same_boot(self, life: int) -> bool:
        return self._lives[life].boot_id == self._lives[self._one.life].boot_id

    def _true(self) -> Iterator[str]:
        one = self._one
        used = one.seen.start - one.opened
        if any(abs(used - offset) <= TOLERANCE for offset in self._offsets):
            yield from self._readings_inside()
        elif not (self._behind and any(self._right_later(used))):
            truth = " or ".join(str(one.opened + offset) for offset in self._offsets)
            yield f"it starts at {one.seen.start}, but it was {truth} by the device's clock"

    def _right_later(self, used: int) -> Iterator[bool]:
        """Held back, a window gets the times of a clock that is right later in its boot, moved on for no overlap."""
        for life in self._lives[self._one.life :]:
            if life.boot_id == self._lives[self._one.life].boot_id:
                for instant, offset in life.wall:
                    if instant > self._one.opened:
                        yield -TOLERANCE <= used - offset <= life.settings.length // 2 + TOLERANCE

    def _readings_inside(self) -> Iterator[str]:
        one = self._one
        for life in self._lives[one.life : one.last + 1]:
            for asked in (instant for instant in life.asked if one.opened <= instant < one.ended):
                for offset in offsets(life, asked, asked):
                    if not one.seen.start - TOLERANCE <= asked + offset < one.seen.end + TOLERANCE:
                        yield f"a reading of {asked + offset} is not inside {one.seen.start} to {one.seen.end}"
                        return

    def _excused(self) -> bool:
        """Whether the clock was moved while it was open or had been before, or lay behind what had been given."""
        return self._behind or self._moved()

    def _moved(self) -> bool:
        boot = [life for life in self._lives if life.boot_id == self._lives[self._one.life].boot_id]
        seen = [offset for life in boot for instant, offset in life.wall if instant <= self._one.ended]
        return max(seen) - min(seen) > 95 * MS

    def _long_enough(self) -> Iterator[str]:
        one = self._one
        told, truth = one.seen.end - one.seen.start, one.ended - one.opened
        slack = TOLERANCE if one.clock == "set" else MS
        if told > truth + slack or (one.clock in {"set", "unset"} and told < truth - slack):
            yield f"it is {told} ns long by its label, and was open for {truth} ns"
