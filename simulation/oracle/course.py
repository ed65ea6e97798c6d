"""The course of a device, from window to window and life to life: what the diary leaves open is gone every way."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from simulation.diary import ENDED, Life
from simulation.oracle.explaining import Explaining, unexplained
from simulation.oracle.losses import Losses
from simulation.oracle.openings import Known, closings
from simulation.oracle.places import BEGIN, Later, Node, Then, named, widened, with_piece
from simulation.oracle.product import Number
from simulation.oracle.reckoning import Closing, Piece, Window
from simulation.oracle.trail import Fault, Trail


class Course:
    """Knows what follows a place. `last`: the identity under which the spool goes on."""

    def __init__(
        self, lives: Sequence[Life], numbers: Sequence[Number], explaining: Explaining, last: str
    ) -> None:
        self._lives = lives
        self._explaining = explaining
        self._losses = [Losses(lives, index) for index in range(len(lives))]
        self._identities = [*(number.identity for number in numbers), last]

    def after(self, node: Node) -> Iterator[Node | Later]:
        """Give the places that can follow."""
        return self._begin(node) if node.cursor == BEGIN else self._pass(node)

    # From one life to the next.

    def _begin(self, node: Node) -> Iterator[Node | Later]:
        index, old, trail = node.life, node.window, node.trail
        life, losses = self._lives[index], self._losses[index]
        if old is None or losses.rotten_before:
            yield from self._opened(index, 0, life.began, None, trail if old is None else trail.doubted())
        if losses.first == 0:  # not even its first journal may have come to the disk
            yield Node(index + 1, BEGIN, old, trail.doubted() if losses.until > life.began else trail)
        if old is not None:
            yield from self._found(index, old, trail)

    def _found(self, index: int, old: Window, trail: Trail) -> Iterator[Node | Later]:
        """Begin a life with a window in the spool, which it goes on with or closes."""
        life, losses = self._lives[index], self._losses[index]
        goes_on = self._resumes(old, life)
        if goes_on or (losses.blind and self._same_boot(old, life)):
            told = next(iter(life.windows), None)  # whether it did so, the daemon itself says
            if told != life.began:
                yield Node(index, 0, old, trail)
            if told == old.opened:
                return
        if not goes_on:
            yield from self._anew(index, old, trail)
        elif losses.blind:
            yield from self._anew(index, old, trail.doubted())
        else:
            text = f"life {index} did not go on with the window that it found, which {named(old)}"
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
        last = trail.last
        # A daemon need not know yet that the label of its last window was moved on.
        newest = [] if last is None else [last.label, last.before.label if last.before else 0]
        known = Known(former, newest, self._losses[index].rotten_before)
        for closes in closings(self._lives, index, instant, known):
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
            yield Node(index + 1, BEGIN, with_piece(window, Piece(index, node.cursor, least, end)), trail)
        whole = with_piece(window, Piece(index, node.cursor, end, end))
        if losses.rotten:
            yield from self._forgotten(index, whole, node.trail)
            if losses.may_take_back(window.closes):
                yield from self._taken_back(index, end, whole, node.trail)
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

    def _forgotten(self, index: int, whole: Window, trail: Trail) -> Iterator[Node]:
        """Let a window close, and rot in the log's last write take that back: its number has left with the identity."""
        closing = Closing(whole, "turned", whole.closes)
        for after in self._explaining.explanations(closing, trail):
            if trail.at < after.at and self._renamed(after):
                yield Node(index + 1, BEGIN, widened(whole), after.doubted())

    def _taken_back(self, index: int, end: int, whole: Window, trail: Trail) -> Iterator[Node | Later]:
        """Let the daemon itself meet that, when a disk that was away is back: it closes the window as was journalled.

        Nobody need ever have seen the number that is taken back.
        """
        closed = self._explaining.explanations(Closing(whole, "turned", whole.closes), trail)
        again = Closing(widened(whole), "left", whole.closes)
        for before in (trail, *(after for after in closed if after.at > trail.at)):
            if self._renamed(before):
                for after in self._explaining.explanations(again, before):
                    yield from self._opened(index, end, whole.closes, whole.closes, after.doubted())

    def _renamed(self, trail: Trail) -> bool:
        """Tell whether the next number, or what follows the last, is of another identity than the one before."""
        at = trail.at
        return 0 < at < len(self._identities) and self._identities[at - 1] != self._identities[at]

    def _close(self, closing: Closing, trail: Trail, then: Then) -> Iterator[Node | Later]:
        """Go on behind a window that has closed, in every way that explains the next number, or needs none."""
        ways = list(self._explaining.explanations(closing, trail))
        for after in ways:
            yield from then(after)
        if not ways:
            yield Later(trail, lambda: self._amended(closing, trail, then))

    # With a fault.

    def _amended(self, closing: Closing, trail: Trail, then: Then) -> Iterator[Node | Later]:
        for after in self._explaining.blamed(closing, trail):
            yield from then(after)
        number = self._explaining.next_number(trail)
        if number is not None:
            beyond = trail._replace(at=trail.at + 1).blamed(unexplained(number))
            yield from self._close(closing, beyond, then)
        if closing.how == "turned":
            yield self._lost_more(closing, trail)

    def _lost_more(self, closing: Closing, trail: Trail) -> Node:
        """Take it that the life's end has taken this window, too, whenever that was."""
        *before, last = closing.window.pieces
        window = closing.window._replace(pieces=(*before, last._replace(least=last.first)))
        lost = len(self._lives[last.life].asked) - last.first
        text = f"its end took more than the journal's period: up to {lost} readings, of the window that "
        fault = Fault("f", None, f"life {last.life}: {text}{named(window)}, and after")
        return Node(last.life + 1, BEGIN, window, trail.blamed(fault))
