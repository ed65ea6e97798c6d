"""Rule (e): labels never overlap, go with the numbers, and tell when readings were made by the device's own clock."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from simulation.diary import Life, Stored
from simulation.oracle.losses import Losses
from simulation.oracle.openings import PLAUSIBLE, first_tick, offsets
from simulation.oracle.product import MS, Number, Product
from simulation.oracle.reckoning import Piece
from simulation.oracle.trail import Fault, Step, Trail

TOLERANCE = 150 * MS
"""How far a label may be from the device's wall clock: a step is one only beyond 100 ms, to the millisecond."""
FIRM = 95 * MS
"""A clock that moves less than this is not moved: a little less than a step, which is told to the nanosecond."""


class Labelled(NamedTuple):
    """A window and its label; instants in ns, the window's own monotonic, the label's since 1970."""

    number: int
    life: int
    opened: int
    ended: int
    pieces: tuple[Piece, ...]
    turned: bool
    """Whether its daemon went on to the next."""
    newest: int
    """The latest wall time that had been given before, ns, as far as can be told."""
    seen: Stored

    @property
    def clock(self) -> str | None:
        """What the product says of the wall clock, if it is known."""
        return None if self.seen.quality is None else str(self.seen.quality["clock"])


def judge_labels(
    product: Product, numbers: Sequence[Number], trail: Trail, lives: Sequence[Life]
) -> Iterator[Fault]:
    """Say what is wrong with the labels; `trail` tells which window each number is of."""
    rotten = any(life.rot for life in lives)
    yield from _order(numbers, rotten=rotten)
    yield from _stretches(product, numbers, rotten=rotten)
    stretches = [stretch.end // MS * MS for stretch in product.stretches]
    before: _Label | None = None
    for one in _labelled(trail):
        before = _Label(before, one, lives, stretches)
        yield from before.faults()


def _order(numbers: Sequence[Number], *, rotten: bool) -> Iterator[Fault]:
    newest: Number | None = None
    for number in numbers:
        seen = number.seen
        if seen is None:
            continue
        if seen.end <= seen.start:
            yield Fault("e", number.sequence, f"it ends at {seen.end}, not after its start, {seen.start}")
        # What rot in the log has taken back may have been sent: it comes again under another identity.
        if newest is None or (rotten and newest.identity != number.identity):
            newest = number
        assert newest.seen is not None  # noqa: S101 - only such were taken
        if newest is not number and seen.start < newest.seen.end:
            text = f"it starts at {seen.start}, before {newest.seen.key} ends, {newest.seen.end}"
            yield Fault("e", number.sequence, text)
        newest = number if seen.end > newest.seen.end else newest


def _stretches(product: Product, numbers: Sequence[Number], *, rotten: bool) -> Iterator[Fault]:
    last = product.status.spool_id
    labels = [
        (one.seen.start, one.seen.end, one.seen.key)
        for one in numbers
        if one.seen and not (rotten and one.identity != last)
    ]
    spans = [(stretch.start // MS * MS, stretch.end // MS * MS, "") for stretch in product.stretches]
    for stretch in product.stretches:
        if stretch.due != sum(stretch.missed.values()) + sum(stretch.bad.values()):
            yield Fault(
                "d", None, f"of the readings of a stretch without one, not all are told of: {stretch}"
            )
    for (_, end, key), (start, _, other) in pairwise(sorted([*labels, *spans])):
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
            window, seen = step.closing.window, step.number.seen
            turned = step.closing.how == "turned"
            of = (step.number.sequence, window.life, window.opened, step.ended, window.pieces)
            yield Labelled(*of, turned, step.before.label if step.before else 0, seen)


class _Label:
    """One window's label, after the one before it."""

    def __init__(
        self, before: "_Label | None", one: Labelled, lives: Sequence[Life], stretches: Sequence[int]
    ) -> None:
        life = lives[one.life]
        self.one, self.boot_id = one, life.boot_id
        self._lives = lives
        self._boot = [each for each in lives if each.boot_id == life.boot_id]
        self._before = before if before is not None and before.boot_id == life.boot_id else None
        self._settings = life.settings
        self._half = life.settings.length // 2
        self._offsets = offsets(life, one.opened, first_tick(life, one.opened))
        given = [end for end in stretches if end <= one.seen.start]
        self._newest = max([PLAUSIBLE, one.newest, before.one.seen.end if before else 0, *given])
        self._ahead = [one.seen.start - one.opened - offset for offset in self._offsets]
        """By how much its start lies after what the device's clock said, ns."""
        fits = [abs(ahead) <= TOLERANCE for ahead in self._ahead]
        self._true = any(fits)
        # Where the clock was moved as it opened, it can have got later what that one showed for a moment.
        later = not all(fits) and self._may_be_held and self._right_later
        self.held: bool = one.clock == "unset" or later
        """Whether it was held back, as far as can be told."""

    def faults(self) -> Iterator[Fault]:
        """Say what is wrong with it."""
        return (Fault("e", self.one.number, text) for text in self._wrong())

    def _wrong(self) -> Iterator[str]:
        yield from self._continuous()
        yield from self._long_enough()
        clock, start = self.one.clock, self.one.seen.start
        if clock == "set" and self._true and not self.held:
            yield from self._readings_inside()
            yield from self._on_the_grid()
        elif clock == "set" and not self.held:
            yield f"it starts at {start}, but by the device's clock it was {self._truth}"
        elif clock == "stepped" and not (self._moved or self._clipped):
            yield f"it is marked {clock!r}, but the clock stood firm"
        elif clock == "unset" and max(self._ahead) < self._own_half - TOLERANCE and start > PLAUSIBLE:
            yield f"it is marked {clock!r}, but starts at {start}, and by the device's clock it was {self._truth}"

    @property
    def _own_half(self) -> int:
        """Half of what the window was open for, if that is less than usual: by more than this it is moved on whole."""
        return min(self._half, (self.one.ended - self.one.opened) // 2)

    @property
    def _truth(self) -> str:
        return " or ".join(str(self.one.opened + offset) for offset in self._offsets)

    def _continuous(self) -> Iterator[str]:
        """Let a window start where the one before it ended, if it did so and nobody has moved the clock."""
        if self._before is None or self._before.one.ended != self.one.opened or self._not_known:
            return
        end = self._before.one.seen.end
        used = end - self.one.opened
        if all(abs(used - offset) < FIRM for offset in self._offsets) and end != self.one.seen.start:
            yield f"it starts at {self.one.seen.start}, not where the one before it ends, {end}"

    @property
    def _not_known(self) -> bool:
        """Whether its daemon had just begun, and perhaps without what the spool holds of the window before."""
        first = self._lives[self.one.life].asked[:1]
        return (not first or self.one.opened <= first[0]) and Losses(self._lives, self.one.life).blind

    def _long_enough(self) -> Iterator[str]:
        one = self.one
        told, truth = one.seen.end - one.seen.start, one.ended - one.opened
        slack = TOLERANCE if one.clock == "set" else MS
        cut_off = one.clock != "set" and (one.seen.start <= self._newest + MS or self._clipped)
        if told > truth + slack or (told < truth - slack and not cut_off):
            yield f"it is {told} ns long by its label, and was open for {truth} ns"

    def _on_the_grid(self) -> Iterator[str]:
        of, one = self._settings, self.one
        _, start = self._lives[one.life].windows.get(one.opened, (0, one.seen.start))
        if abs(start - one.seen.start) > MS:
            return  # it was held back: its own time came too late for it to close on the grid
        if of.align == "utc" and one.turned and one.seen.end % of.length >= MS:
            yield f"it ends at {self.one.seen.end}, which is not on the grid of UTC"

    @property
    def _may_be_held(self) -> bool:
        """Whether the wall clock, when it opened, lay before labels that had been given, or were to be given."""
        return (self._before is not None and self._before.held) or any(
            self.one.opened + offset < self._newest for offset in self._offsets
        )

    @property
    def _right_later(self) -> bool:
        """Whether it has the times of a clock that was right later in its boot, moved on so that none overlaps."""
        later = [offset for life in self._boot for instant, offset in life.wall if instant > self.one.opened]
        ahead = [self.one.seen.start - self.one.opened - offset for offset in (*self._offsets, *later)]
        return any(-TOLERANCE <= each <= self._half + TOLERANCE for each in ahead)

    @property
    def _clipped(self) -> bool:
        """Whether it starts later than by the device's clock, where labels that had been given end."""
        return any(0 < ahead <= self._half + TOLERANCE for ahead in self._ahead)

    @property
    def _moved(self) -> bool:
        """Whether the clock was moved before it ended, at any time in its boot: little by little counts, too."""
        # The tick that closed it looks first: it can be late.
        until = first_tick(
            self._lives[self.one.pieces[-1].life if self.one.pieces else self.one.life], self.one.ended
        )
        seen = [offset for life in self._boot for instant, offset in life.wall if instant <= until]
        return max(seen) - min(seen) > FIRM

    def _readings_inside(self) -> Iterator[str]:
        seen = self.one.seen
        for piece in self.one.pieces:
            asked, wall = self._lives[piece.life].asked, self._lives[piece.life].wall
            moves = [bisect_left(asked, instant, piece.first, piece.least) for instant, _ in wall]
            edges = {index for edge in (piece.first, *moves, piece.least) for index in (edge - 1, edge)}
            for index in sorted(edges):
                if piece.first <= index < piece.least:
                    told = asked[index] + offsets(self._lives[piece.life], asked[index], asked[index])[-1]
                    if not seen.start - TOLERANCE <= told < seen.end + TOLERANCE:
                        yield f"a reading of {told} is not inside {seen.start} to {seen.end}"
                        return
