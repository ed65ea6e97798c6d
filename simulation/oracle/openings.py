"""When a window closes that opens at an instant."""

from bisect import bisect_left
from collections.abc import Iterator

from simulation.diary import Life
from simulation.oracle.product import MS, Number


def offsets(life: Life, since: int, to: int) -> list[int]:
    """Give the wall clock minus the monotonic one, ns: every value that it had between two instants."""
    last = max(bisect_left(life.wall, (since + 1,)) - 1, 0)
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


def closings(
    life: Life, opened: int, offset: int | None, number: Number | None
) -> Iterator[tuple[int, int | None]]:
    """Give the instants at which a window may close that opens in a life at an instant, each with its offset.

    On the grid of UTC it depends on which wall time the product took it for: `offset` is the one that was in use.
    The label of the number that the window may have got tells it where the wall clock cannot, to the millisecond.
    """
    settings = life.settings
    if settings.align == "start":
        yield opened + settings.length, None
        return
    found: list[int] = []
    for guess in dict.fromkeys(
        [*([] if offset is None else [offset]), *offsets(life, opened, first_tick(life, opened))]
    ):
        left = settings.length - (opened + guess) % settings.length
        # A rest too short for one reading joins the window after it.
        closes = opened + (left if left >= settings.period else left + settings.length)
        if closes not in found:
            found.append(closes)
            yield closes, guess
    if number is not None and number.seen is not None:
        closes = _snapped(life, opened + number.seen.end - number.seen.start)
        if all(abs(closes - other) > MS for other in found):
            yield closes, None


def _snapped(life: Life, about: int) -> int:
    """Give the question that opens the next window, if there is one within the millisecond that a label leaves open."""
    index = bisect_left(life.asked, about - MS)
    if index < len(life.asked) and life.asked[index] <= about + MS:
        return life.asked[index]
    return about
