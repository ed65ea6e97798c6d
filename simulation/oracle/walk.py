"""Explains every number that was given out by a window that truly was, in order, with as few faults as can be.

The device's windows follow from the diary alone: a life opens one where it begins, or goes on with the one that the
life before has left; the next one opens where one closes. What is not certain (how much a crash has taken) is
tried in every way that the promises allow; ways that fit no measurement end. If none is left, the walk goes on with
one fault: a window without a number, a number without a window, numbers that are wrong, a loss beyond the promise.
The cheapest way to the end is the verdict.
"""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import NamedTuple

from simulation.diary import ENDED, Life
from simulation.oracle.losses import Losses
from simulation.oracle.matching import Matching
from simulation.oracle.openings import STEP, closings
from simulation.oracle.product import MS, Number, Product
from simulation.oracle.reckoning import Closing, Piece, Tally, Window
from simulation.oracle.storyteller import Storyteller
from simulation.oracle.trail import Fault, Step, Trail

BEGIN = -1
"""A life that has not taken up its first window."""
PATIENCE = 8
"""How many faults are looked for before the walk gives up."""


class Node(NamedTuple):
    """Where a trail has come to: in a life, before a question, in a window, if one is open."""

    life: int
    cursor: int
    window: Window | None
    trail: Trail


class Later(NamedTuple):
    """Ways that begin with a fault: they are only made when there is none without it."""

    trail: Trail
    ways: Callable[[], Iterable["Node | Later"]]


Then = Callable[[Trail], Iterable[Node | Later]]
"""How it goes on once a window has closed."""


class Walk:
    """The search. `numbers`: every one that was given out, in order."""

    def __init__(self, lives: Sequence[Life], numbers: Sequence[Number], product: Product) -> None:
        self._lives = lives
        self._numbers = numbers
        self._product = product
        self._matching = Matching(lives)
        self._storyteller = Storyteller(lives)
        self._losses = [Losses(lives, index) for index in range(len(lives))]
        self._queue: list[tuple[int, int, int, Node | Later]] = []
        self._order = count(0, -1)
        """Of equal ways the last that was found comes first: what cannot be told apart is not gone to its end twice."""
        self._seen: set[tuple[object, ...]] = set()
        self._on_grid = any(life.settings.align == "utc" for life in lives)
        """Whether it matters which labels have been given: they can decide when a window closes."""

    def best(self) -> Trail:
        """Give the way with the fewest faults from the first life's beginning to the last one's end."""
        self._push(Node(0, BEGIN, None, Trail()))
        furthest = Trail()
        while self._queue:
            weight, _, _, place = heapq.heappop(self._queue)
            if weight > PATIENCE:
                break
            if isinstance(place, Later):
                for way in place.ways():
                    self._push(way)
                continue
            if place.life > len(self._lives):
                return place.trail
            furthest = max(furthest, place.trail, key=lambda trail: trail.at)
            self._step_on(place)
        return furthest.blamed(Fault("oracle", None, f"gave up after {PATIENCE} faults"))

    def _step_on(self, node: Node) -> None:
        label = node.trail.last.label if self._on_grid and node.trail.last else 0
        key = (node.life, node.cursor, node.window, node.trail.at, node.trail.empty, label)
        if key in self._seen:
            return
        self._seen.add(key)
        if node.life == len(self._lives):
            faults = self._at_the_end(node)
            self._push(node._replace(life=node.life + 1, trail=node.trail.blamed(*faults)))
            return
        for after in self._begin(node) if node.cursor == BEGIN else self._pass(node):
            self._push(after)

    def _push(self, place: Node | Later) -> None:
        trail = place.trail
        weight = trail.weight + isinstance(place, Later)
        heapq.heappush(self._queue, (weight, trail.odd, next(self._order), place))

    # From one life to the next.

    def _begin(self, node: Node) -> Iterator[Node | Later]:
        index, old, trail = node.life, node.window, node.trail
        life, losses = self._lives[index], self._losses[index]
        if old is None or losses.rotten_before:
            yield from self._opened(index, 0, life.began, None, trail if old is None else trail.doubted())
        if losses.first == 0:  # not even its first journal may have come to the disk
            yield Node(index + 1, BEGIN, old, trail.doubted())
        if old is None:
            return
        goes_on = self._resumes(old, life)
        if goes_on or (losses.blind and self._same_boot(old, life)):
            yield Node(index, 0, old, trail)
        if not goes_on:
            yield from self._anew(index, old, trail)
        elif losses.blind:
            yield from self._anew(index, old, trail.doubted())
        else:
            text = f"life {index} did not go on with the window that it found, which {_named(old)}"
            yield Later(trail, lambda: self._anew(index, old, trail.blamed(Fault("d", None, text))))

    def _anew(self, index: int, old: Window, trail: Trail) -> Iterator[Node | Later]:
        """Begin a life with a window of its own, which closes the one that was left."""
        life = self._lives[index]
        same = self._same_boot(old, life)
        closing = Closing(old, "left" if same else "cut", min(old.closes, life.began))
        former = old.closes if same else None
        yield from self._close(
            closing, trail, lambda after: self._opened(index, 0, life.began, former, after)
        )

    def _same_boot(self, window: Window, life: Life) -> bool:
        return self._lives[window.life].boot_id == life.boot_id

    def _resumes(self, window: Window, life: Life) -> bool:
        """Tell whether a life goes on with the window that it finds."""
        before, now = self._lives[window.life].settings, life.settings
        if not self._same_boot(window, life) or life.began >= window.closes:
            return False
        return (before.bits, before.range_c, before.period) == (now.bits, now.range_c, now.period)

    def _opened(
        self, index: int, cursor: int, instant: int, former: int | None, trail: Trail
    ) -> Iterator[Node | Later]:
        newest = trail.last.label if trail.last else 0
        for closes in closings(self._lives, index, instant, former, newest):
            yield Node(index, cursor, Window(index, instant, closes), trail)

    # Within a life.

    def _pass(self, node: Node) -> Iterator[Node | Later]:
        index, window = node.life, node.window
        assert window is not None  # noqa: S101 - a cursor within a life means that one is open
        life, losses = self._lives[index], self._losses[index]
        end = bisect_left(life.asked, window.closes, node.cursor)
        last = end == len(life.asked)
        if last or (losses.first is not None and losses.first <= end):
            least = end if losses.first is None else max(node.cursor, min(losses.first, end))
            trail = node.trail if last else node.trail.doubted()
            yield Node(index + 1, BEGIN, _with(window, Piece(index, node.cursor, least, end)), trail)
        whole = _with(window, Piece(index, node.cursor, end, end))
        if last and end > node.cursor and life.given[end - 1] == ENDED:
            closing = Closing(whole, "cut", window.closes)
            yield from self._close(closing, node.trail, lambda after: [Node(index + 1, BEGIN, None, after)])
        elif not last or losses.until >= window.closes:
            closing = Closing(whole, "turned", window.closes)
            yield from self._close(
                closing,
                node.trail,
                lambda after: self._opened(index, end, window.closes, window.closes, after),
            )

    def _close(self, closing: Closing, trail: Trail, then: Then) -> Iterator[Node | Later]:
        """Go on behind a window that has closed, in every way that explains the next number, or needs none."""
        ways = list(self._explanations(closing, trail))
        for after in ways:
            yield from then(after)
        if not ways:
            yield Later(trail, lambda: self._amended(closing, trail, then))

    def _explanations(self, closing: Closing, trail: Trail) -> Iterator[Trail]:
        number = self._numbers[trail.at] if trail.at < len(self._numbers) else None
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
        return trail._replace(at=trail.at + 1, odd=trail.odd + _odd(step, self._lives), last=step)

    def _without_number(self, trail: Trail, closing: Closing, tally: Tally) -> Trail:
        return trail._replace(last=self._storyteller.step(trail.last, closing, tally, None))

    # With a fault.

    def _amended(self, closing: Closing, trail: Trail, then: Then) -> Iterator[Node | Later]:
        for after in self._blamed(closing, trail):
            yield from then(after)
        if trail.at < len(self._numbers):
            fault = _unexplained(self._numbers[trail.at])
            yield from self._close(closing, trail._replace(at=trail.at + 1).blamed(fault), then)
        if closing.how == "turned":
            yield self._lost_more(closing, trail)

    def _blamed(self, closing: Closing, trail: Trail) -> Iterator[Trail]:
        *_, most = self._matching.ways(closing)
        number = self._numbers[trail.at] if trail.at < len(self._numbers) else None
        text = f"the window that {_named(closing.window)} has no number"
        yield self._without_number(trail, closing, most).blamed(Fault("a", None, text))
        if number is None or number.seen is None:
            return
        found = self._matching.differences(closing, number.seen)
        faults = (Fault(rule, number.sequence, text) for rule, text in found)
        yield self._with_number(trail, closing, most, number).blamed(*faults)
        wide = closing._replace(window=_widened(closing.window))
        for tally in self._matching.ways(wide):
            if self._matching.agrees(wide, tally, number.seen):
                text = "of its readings, more than the last of the journal's period are lost"
                yield self._with_number(trail, wide, tally, number).blamed(Fault("f", number.sequence, text))
                return

    def _lost_more(self, closing: Closing, trail: Trail) -> Node:
        """Take it that the life's end has taken this window, too, whenever that was."""
        *before, last = closing.window.pieces
        window = closing.window._replace(pieces=(*before, last._replace(least=last.first)))
        lost = len(self._lives[last.life].asked) - last.first
        text = f"its end took more than the journal's period: up to {lost} readings, of the window that "
        fault = Fault("f", None, f"life {last.life}: {text}{_named(window)}, and after")
        return Node(last.life + 1, BEGIN, window, trail.blamed(fault))

    # At the end.

    def _at_the_end(self, node: Node) -> Iterator[Fault]:
        yield from map(_unexplained, self._numbers[node.trail.at :][:PATIENCE])
        if any(losses.rotten for losses in self._losses):
            return
        told, window = self._product.status, node.window
        if told.empty != node.trail.empty:
            yield Fault("a", None, f"{node.trail.empty} windows had no reading, not {told.empty}")
        if window is None and told.window is not None:
            yield Fault("c", None, f"no window is open, but one is journalled: {told.window}")
        elif window is not None and told.window is None:
            yield Fault("f", None, f"the open window is not journalled, {_named(window)}")
        elif window is not None and not self._matching.of_open(Closing(window, "open", 0), told.window):
            yield Fault(
                "f", None, f"what is journalled of the open window is not what was read: {told.window}"
            )


def _with(window: Window, piece: Piece) -> Window:
    return window._replace(pieces=(*window.pieces, piece))


def _widened(window: Window) -> Window:
    return window._replace(pieces=tuple(piece._replace(least=piece.first) for piece in window.pieces))


def _odd(step: Step, lives: Sequence[Life]) -> int:
    """Count how a label is not its window's, by the boot's clock and by its length: mostly a wrong guess of ours."""
    seen, window = step.number.seen if step.number else None, step.closing.window
    clock = seen.quality["clock"] if seen and seen.quality else "set"
    if seen is None or clock == "stepped":
        return 0
    used = seen.start - window.opened
    boot = lives[window.life].boot_id
    known = clock == "unset" or any(
        abs(used - offset) <= STEP + MS for life in lives if life.boot_id == boot for _, offset in life.wall
    )
    return (not known) + (abs((seen.end - seen.start) - (step.ended - window.opened)) > MS)


def _named(window: Window) -> str:
    return f"opened at {window.opened} ns in life {window.life}"


def _unexplained(number: Number) -> Fault:
    shown = f": {number.seen}" if number.seen else f" ({number.how})"
    return Fault("c", number.sequence, f"no window is left that it can be of{shown}")
