"""Tells of a window that has closed when it ended, and where that leaves the labels."""

from collections.abc import Sequence

from simulation.diary import Life
from simulation.oracle.openings import PLAUSIBLE, STEP, offsets
from simulation.oracle.product import MS, Number
from simulation.oracle.reckoning import Closing, Tally, Window, grid_of
from simulation.oracle.trail import Step


class Storyteller:
    """Knows a device's lives."""

    def __init__(self, lives: Sequence[Life]) -> None:
        self._lives = lives

    def step(self, before: Step | None, closing: Closing, tally: Tally, number: Number | None) -> Step:
        """Tell of a window that came to this, and of the number that it got, if any."""
        ended = closing.end if closing.how != "cut" else self._cut_at(closing.window, tally)
        if number is not None and number.seen is not None:
            label = max(before.label if before else 0, number.seen.end)
        else:
            label = self._label_at(closing.window, ended, before)
        return Step(before, closing, number, ended, label)

    def _cut_at(self, window: Window, tally: Tally) -> int:
        """Give the last instant that is known of a window, and at least one period of it."""
        grid = grid_of(window, self._lives)
        return max(grid.first + tally.due * grid.period, window.opened + grid.period)

    def _label_at(self, window: Window, ended: int, before: Step | None) -> int:
        """Guess which wall time a window was given for its end, by docs/adr/0005: nobody has it any more."""
        life, opened = self._lives[window.life], window.opened
        used = observed = offsets(life, opened, opened)[0]
        newest, former = before.label if before else PLAUSIBLE, _in_use(before, life, self._lives)
        _, start = life.windows.get(opened, (0, 0))
        if start > newest - MS:  # else all of them were moved on together, after it had begun
            return start + ended - opened
        if former is not None and abs(observed - former) <= STEP:
            used = former
        if newest - (opened + used) > life.settings.length // 2:
            used = newest - opened if former is None else former
        return max(ended + used, max(opened + used, newest) + MS)


def _in_use(before: Step | None, life: Life, lives: Sequence[Life]) -> int | None:
    """Give the offset by which the window before was labelled, if that was in the same boot."""
    if before is None or lives[before.closing.window.life].boot_id != life.boot_id:
        return None
    return before.label - before.ended
