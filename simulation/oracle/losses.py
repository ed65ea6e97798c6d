"""What a crash may take: which of a life's last questions may never have come to the disk."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property

from simulation.diary import NS, Life

SHADOW = 2
"""A journal that has rotted gives place to an older one, of a few windows before the end."""
LAG = 6 * NS
"""How long after the disk is well again what waited in memory may take to it: keeping asks it every 5 s."""


class Losses:
    """What may be lost of a life, by its own account and the one of those next to it."""

    def __init__(self, lives: Sequence[Life], index: int) -> None:
        self._life = lives[index]
        self._former = lives[index - 1] if index else None

    @cached_property
    def until(self) -> int:
        """When the life ended, or is judged."""
        life = self._life
        if life.ended is not None:
            return life.ended
        return life.asked[-1] + life.settings.period if life.asked else life.began

    @cached_property
    def rotten(self) -> bool:
        """Whether bytes of the spool were damaged so that this life, or the next one, can have met it."""
        return bool(self._life.rot)

    @cached_property
    def first(self) -> int | None:
        """The first question that may be lost, as an index; None if nothing can be.

        Every tick that finds the last journal older than the journal's period makes a new one. So whatever is lost
        lies within one such period, but for the tick at whose own journal the crash came.
        """
        life = self._life
        count = len(life.asked)
        first = None if life.how == "stopped" else self._spare(count)
        if self.rotten:
            shadow = SHADOW * life.settings.length + life.settings.journal
            first = min(bisect_left(life.asked, self.until - shadow), count if first is None else first)
        for since, to in sorted(life.trouble, reverse=True):
            if to + LAG >= self._instant(first):
                first = min(self._spare(bisect_left(life.asked, since)), count if first is None else first)
        return first

    def may_take_back(self, instant: int) -> bool:
        """Tell whether rot may take back what was written at an instant, and the life itself meet it.

        It reads its log again when the disk has refused what it writes next: at the next window's end at the latest.
        """
        soon = range(instant, instant + 2 * self._life.settings.length)
        return any(rot >= instant for rot in self._life.rot) and any(
            since in soon for since, _ in self._life.trouble
        )

    def _instant(self, index: int | None) -> int:
        return self.until if index is None or index >= len(self._life.asked) else self._life.asked[index]

    def _spare(self, count: int) -> int:
        asked = self._life.asked
        return (
            bisect_right(asked, asked[count - 2] - self._life.settings.journal, 0, count) if count > 1 else 0
        )

    @cached_property
    def rotten_before(self) -> bool:
        """Whether it may have found that bytes of the spool were damaged."""
        return bool(self._life.rot) or (self._former is not None and bool(self._former.rot))

    @cached_property
    def blind(self) -> bool:
        """Whether it may have begun without what the spool holds."""
        refused = (since <= self._life.began <= to + LAG for since, to in self._life.trouble)
        return self.rotten_before or any(refused)
