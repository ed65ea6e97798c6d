"""Tells of a window that has closed when it ended, and where that leaves the labels."""

from collections.abc import Sequence

from simulation.diary import Life
from simulation.oracle.openings import PLAUSIBLE, STEP, offsets
from simulation.oracle.product import Number
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
            label = self._label_at(closing.window, before) + ended - closing.window.opened
        return Step(before, closing, number, ended, label)

    def _cut_at(self, window: Window, tally: Tally) -> int:
        """Give the last instant that is known of a window, and at least one period of it."""
        grid = grid_of(window, self._lives)
        return max(grid.first + tally.due * grid.period, window.opened + grid.period)

    def _label_at(self, window: Window, before: Step | None) -> int:
        """Guess which wall time a window was given for its start: nobody has it any more."""
        life = self._lives[window.life]
        offset = offsets(life, window.opened, window.opened)[0]
        if before is None:
            return max(window.opened + offset, PLAUSIBLE)
        former = self._lives[before.closing.window.life]
        if former.boot_id != life.boot_id:
            return max(window.opened + offset, before.label)
        on_end = before.label + window.opened - before.ended
        opened = before.closing.window.opened
        stepped = abs(offset - offsets(former, opened, opened)[0]) > STEP
        return max(on_end, window.opened + offset) if stepped else on_end
