"""Explains every number that was given out by a window that truly was, in order, with as few faults as can be.

The device's windows follow from the diary alone: a life opens one where it begins, or goes on with the one that the
life before has left; the next one opens where one closes. What is not certain (how much a crash has taken) is
tried in every way that the promises allow; ways that fit no measurement end. If none is left, the walk goes on with
one fault: a window without a number, a number without a window, numbers that are wrong, a loss beyond the promise.
The cheapest way to the end is the verdict.
"""

import heapq
from collections.abc import Iterator, Sequence
from itertools import count

from simulation.diary import Life
from simulation.oracle.course import Course
from simulation.oracle.explaining import Explaining, unexplained
from simulation.oracle.matching import Matching
from simulation.oracle.places import BEGIN, Later, Node, named
from simulation.oracle.product import Number, Product
from simulation.oracle.reckoning import Closing
from simulation.oracle.trail import Fault, Trail

PATIENCE = 8
"""How many faults are looked for before the walk gives up."""

LIMIT = 100_000
"""So many places and reckonings, and the walk gives up: a thousand are usual."""

HORIZON = 5
"""A way that is so many windows behind another is taken up again if it has one unlikely thing less, and not further."""


class Walk:
    """The search. `numbers`: every one that was given out, in order."""

    def __init__(self, lives: Sequence[Life], numbers: Sequence[Number], product: Product) -> None:
        self._lives = lives
        self._numbers = numbers
        self._product = product
        self._matching = Matching(lives)
        stretches = [(stretch.start, stretch.windows) for stretch in product.stretches]
        explaining = Explaining(lives, numbers, stretches, self._matching)
        self._course = Course(lives, numbers, explaining, product.status.spool_id)
        self._queue: list[tuple[int, int, int, Node | Later]] = []
        self._order = count(0, -1)
        """Of equal ways the last that was found comes first: what cannot be told apart is not gone to its end twice."""
        self._seen: set[tuple[object, ...]] = set()
        self._rotten = any(life.rot for life in lives)
        """Whether what the spool tells beside its numbers may be damaged."""
        self._on_grid = any(life.settings.align == "utc" for life in lives)
        """Whether it matters which labels have been given: they can decide when a window closes."""

    def best(self) -> Trail:
        """Give the way with the fewest faults from the first life's beginning to the last one's end."""
        self._push(Node(0, BEGIN, None, Trail()))
        furthest = Trail()
        while self._queue:
            weight, _, _, place = heapq.heappop(self._queue)
            if weight > PATIENCE:
                return furthest.blamed(Fault("oracle", None, f"gave up after {PATIENCE} faults"))
            if len(self._seen) + self._matching.tried > LIMIT:
                return furthest.blamed(Fault("oracle", None, f"gave up after {LIMIT} places"))
            if isinstance(place, Later):
                for way in place.ways():
                    self._push(way)
                continue
            if place.life > len(self._lives):
                return place.trail
            furthest = max(furthest, place.trail, key=lambda trail: trail.at)
            self._step_on(place)
        return furthest.blamed(Fault("oracle", None, "found no way to the end"))

    def _step_on(self, node: Node) -> None:
        label = node.trail.last.label if self._on_grid and node.trail.last else 0
        empty = 0 if self._rotten else node.trail.empty
        key = (node.life, node.cursor, node.window, node.trail.at, empty, label)
        if key in self._seen:
            return
        self._seen.add(key)
        if node.life == len(self._lives):
            faults = self._at_the_end(node)
            self._push(node._replace(life=node.life + 1, trail=node.trail.blamed(*faults)))
            return
        for after in self._course.after(node):
            self._push(after)

    def _push(self, place: Node | Later) -> None:
        trail = place.trail
        weight = trail.weight + isinstance(place, Later)
        astray = 0 if self._rotten else trail.astray
        lag = HORIZON * (trail.odd + 2 * astray) - trail.at - trail.empty
        heapq.heappush(self._queue, (weight, lag, next(self._order), place))

    def _at_the_end(self, node: Node) -> Iterator[Fault]:
        left = [number for number in self._numbers[node.trail.at :] if number.how != "damaged"]
        yield from map(unexplained, left[:PATIENCE])
        if self._rotten:
            return
        told, window = self._product.status, node.window
        if told.empty != node.trail.empty:
            yield Fault("a", None, f"{node.trail.empty} windows had no reading, not {told.empty}")
        if window is None and told.window is not None:
            yield Fault("c", None, f"no window is open, but one is journalled: {told.window}")
        elif window is not None and told.window is None:
            yield Fault("f", None, f"the open window is not journalled, {named(window)}")
        elif window is not None and not self._matching.of_open(Closing(window, "open", 0), told.window):
            yield Fault(
                "f", None, f"what is journalled of the open window is not what was read: {told.window}"
            )
