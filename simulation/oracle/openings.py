"""When a window closes that opens at an instant."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from simulation.diary import NS, Life, Settings
from simulation.oracle.product import MS

PLAUSIBLE = 1_577_836_800 * NS
"""2020-01-01: a wall clock before it is not set."""
STEP = 100 * MS
"""The wall clock is moved if it then differs by more than this: less is two clocks read in turn."""
SOME = 10
"""So many of something are enough."""


def offsets(life: Life, since: int, to: int) -> list[int]:
    """Give the wall clock minus the monotonic one, ns: every value that it had from just before one instant to another.

    Of a step at the very instant nobody can say whether the clock was read before or after it.
    """
    last = max(bisect_left(life.wall, (since,)) - 1, 0)
    found = [life.wall[last][1]]
    for instant, offset in life.wall[last + 1 :]:
        if instant > to:
            break
        found.append(offset)
    return found


def first_tick(life: Life, opened: int) -> int:
    """Give the instant of the first question at or after `opened`, or `opened` if there is none."""
    index = bisect_left(life.asked, opened)
    return life.asked[index] if index < len(life.asked) else opened


class Known(NamedTuple):
    """What the product may know of labels when it opens a window."""

    former: int | None
    """When the window before was to close, if it was of this boot."""
    newest: Sequence[int]
    """The label that was given last, to the millisecond, and others that it may take for that."""
    rotten: bool
    """Whether any older one may have come in their place."""


def closings(lives: Sequence[Life], index: int, opened: int, known: Known) -> list[int]:
    """Give the instants at which a window may close that opens in a life at an instant.

    On the grid of UTC that depends on which wall time the product took it for. The grid may be the one that it has
    used in this boot; the one of the wall clock; or, where the wall clock is not to be believed, one that goes on from
    the newest label. Which of them it was the daemon itself tells; and where labels are not the wall clock's, they
    may all have been moved on later, off the grid that they were made on.
    """
    life = lives[index]
    settings = life.settings
    if settings.align == "start":
        return [opened + settings.length]
    asked = list(islice(_asked(lives, index, opened), SOME))
    grids = [-offset for offset in offsets(life, opened, first_tick(life, opened))]
    found = [
        _next(opened, grid, settings) for grid in (grids if known.former is None else [known.former, *grids])
    ]
    free = known.rotten
    for label in {max(each, PLAUSIBLE) for each in (*known.newest, PLAUSIBLE)}:
        if any(opened - grid < label + settings.length for grid in grids):
            free = True
            found.append(_snapped(_next(opened, opened - label, settings), asked, settings.period))
    closes, start = life.windows.get(opened, (0, 0))
    own = _next(opened, opened - start, settings)
    if closes in found or (free and closes == own):
        return [closes]
    return _in_phase(found, asked, settings.period)


def _asked(lives: Sequence[Life], index: int, opened: int) -> Iterator[int]:
    """Give the questions of a boot from an instant on."""
    for life in lives[index:]:
        if life.boot_id == lives[index].boot_id:
            yield from life.asked[bisect_left(life.asked, opened) :]


def _next(opened: int, grid: int, settings: Settings) -> int:
    left = (grid - opened) % settings.length or settings.length
    # A rest too short for one reading joins the window after it.
    return opened + (left if left >= settings.period else left + settings.length)


def _snapped(closes: int, asked: Sequence[int], period: int) -> int:
    """Give the instant on whose grid a question was asked, within the millisecond that a label leaves open."""
    for each in asked:
        over = (closes - each + MS) % period
        if over <= 2 * MS:
            return closes + MS - over
    return closes


def _in_phase(found: list[int], asked: Sequence[int], period: int) -> list[int]:
    """Give those on whose grid a question was asked, if there are any: not all ticks are late."""
    fitting = [closes for closes in found if any((closes - each) % period == 0 for each in asked)]
    return list(dict.fromkeys(fitting or found))
