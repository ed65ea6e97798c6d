"""What a window comes to: the questions that fell into it, and the instants at which nobody asked."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from simulation.diary import ENDED, NO_VALUE, Given, Life


class Piece(NamedTuple):
    """A window's questions in one life, from `first` up to an end between `least` and `most`.

    Where a crash ended the life nobody knows how many of its last questions had come to the disk.
    """

    life: int
    first: int
    least: int
    most: int


class Window(NamedTuple):
    """A window on the monotonic clock, ns, of the boot of the life that opened it."""

    life: int
    opened: int
    closes: int
    pieces: tuple[Piece, ...] = ()


class Closing(NamedTuple):
    """How a window came to its end.

    `turned`: its daemon went on to the next. `left`: the next daemon of the same boot found it, and began at `end`.
    `cut`: nothing is known of it after its last question. `open`: it has not closed.
    """

    window: Window
    how: Literal["turned", "left", "cut", "open"]
    end: int


class Sum(NamedTuple):
    """The answers to some questions."""

    taken: int = 0
    total: int = 0
    lowest: int = 0
    highest: int = 0
    no_value: int = 0
    bad: tuple[tuple[str, int], ...] = ()

    def plus(self, other: "Sum") -> "Sum":
        """Add the answers of other questions."""
        if not self.taken or not other.taken:
            some = self if self.taken else other
            lowest, highest = some.lowest, some.highest
        else:
            lowest, highest = min(self.lowest, other.lowest), max(self.highest, other.highest)
        bad = dict(self.bad)
        for kind, count in other.bad:
            bad[kind] = bad.get(kind, 0) + count
        counted = (self.taken + other.taken, self.total + other.total)
        return Sum(*counted, lowest, highest, self.no_value + other.no_value, tuple(sorted(bad.items())))


class Tally(NamedTuple):
    """What a window comes to."""

    sum: Sum
    due: int
    late: int
    away: int

    @property
    def missed(self) -> dict[str, int]:
        """How many readings were due and not made, by reason."""
        found = {"late": self.late, "away": self.away, NO_VALUE: self.sum.no_value}
        return {reason: count for reason, count in found.items() if count}


class Grid(NamedTuple):
    """The instants at which a window's readings are due: the last a period before it closes."""

    first: int
    period: int
    planned: int

    def before(self, instant: int) -> int:
        """How many are due before an instant."""
        return min(max(-((self.first - instant) // self.period), 0), self.planned)

    def slot(self, instant: int) -> int:
        """Which of them a question at this instant answers to."""
        return (instant - self.first) // self.period


def grid_of(window: Window, lives: Sequence[Life]) -> Grid:
    """Give the instants at which a window's readings are due."""
    period = lives[window.life].settings.period
    planned = (window.closes - window.opened) // period
    return Grid(window.closes - planned * period, period, planned)


def summed(given: Sequence[Given], full_scale: int) -> Sum:
    """Add up answers."""
    try:
        lowest, highest = min(given), max(given)  # nearly always codes alone
        if lowest >= 0 and highest <= full_scale:  # type: ignore[operator]
            return Sum(len(given), sum(given), lowest, highest)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        pass
    return _mixed(given, full_scale)


def _mixed(given: Sequence[Given], full_scale: int) -> Sum:
    codes = [one for one in given if isinstance(one, int) and 0 <= one <= full_scale]
    bad: dict[str, int] = {}
    for one in given:
        if one not in {NO_VALUE, ENDED} and not (isinstance(one, int) and 0 <= one <= full_scale):
            kind = "out_of_range" if isinstance(one, int) else one
            bad[kind] = bad.get(kind, 0) + 1
    extremes = (min(codes), max(codes)) if codes else (0, 0)
    return Sum(len(codes), sum(codes), *extremes, given.count(NO_VALUE), tuple(sorted(bad.items())))


def tallies(closing: Closing, lives: Sequence[Life]) -> Iterator[Tally]:
    """Give everything that the window may have come to: one tally, but for what a crash has left open."""
    yield from _Reckoning(closing, lives).ways(0, 0, Tally(Sum(), 0, 0, 0))


def count_of_ways(window: Window) -> int:
    """Give how many tallies there are at most."""
    ways = 1
    for piece in window.pieces:
        ways *= piece.most - piece.least + 1
    return ways


class _Reckoning:
    def __init__(self, closing: Closing, lives: Sequence[Life]) -> None:
        self._closing = closing
        self._window = closing.window
        self._lives = lives
        self._grid = grid_of(self._window, lives)
        self._full_scale = lives[self._window.life].settings.full_scale

    def ways(self, index: int, settled: int, so_far: Tally) -> Iterator[Tally]:
        """Go on after `index` pieces, with so many of the instants that are due settled."""
        if index == len(self._window.pieces):
            yield self._concluded(settled, so_far)
            return
        piece = self._window.pieces[index]
        life = self._lives[piece.life]
        begin = settled
        if piece.life != self._window.life:
            begin = max(settled, self._grid.before(life.began))
        away = so_far.away + begin - settled
        for end, found in self._sums(piece):
            now, late = begin, 0
            if end > piece.first:
                ended = life.given[end - 1] == ENDED
                now = self._grid.slot(life.asked[end - 1]) + (not ended)
                late = now - begin - (end - piece.first - ended)
            tally = Tally(so_far.sum.plus(found) if index else found, 0, so_far.late + late, away)
            yield from self.ways(index + 1, now, tally)

    def _sums(self, piece: Piece) -> Iterator[tuple[int, Sum]]:
        given = self._lives[piece.life].given
        found = summed(given[piece.first : piece.least], self._full_scale)
        yield piece.least, found
        for index in range(piece.least, piece.most):
            found = found.plus(_mixed(given[index : index + 1], self._full_scale))
            yield index + 1, found

    def _concluded(self, settled: int, so_far: Tally) -> Tally:
        how = self._closing.how
        if how == "turned":
            due = self._grid.planned
            return so_far._replace(due=due, late=so_far.late + due - settled)
        if how == "left":
            due = max(settled, self._grid.before(min(self._closing.end, self._window.closes)))
            return so_far._replace(due=due, away=so_far.away + due - settled)
        return so_far._replace(due=settled)
