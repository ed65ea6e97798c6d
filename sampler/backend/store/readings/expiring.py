"""Readings that have been kept long enough, hour by hour: their blocks keep the statistics and lose the data."""

from collections.abc import Sequence
from dataclasses import dataclass

from sampler.backend.store import Session

_MOST_BLOCKS = 100
"""In one transaction, or all of one hour."""
_KEPT_FROM = "SELECT kept_from FROM sensors WHERE number = :sensor"
_HOURS = """
SELECT hour FROM blocks WHERE sensor = :sensor AND hour >= :kept_from AND hour < :goal ORDER BY hour LIMIT :most
"""
_EXPIRE = "UPDATE blocks SET data = NULL WHERE sensor = :sensor AND hour >= :kept_from AND hour < :goal"
_NOTE = "UPDATE sensors SET kept_from = :goal WHERE number = :sensor"


@dataclass(frozen=True, slots=True)
class Goal:
    """Readings of the sensor from before this hour are to expire."""

    sensor: int
    hour: int


def expire(session: Session, goals: Sequence[Goal]) -> Sequence[Goal]:
    """Bring sensors nearer to their goals, in order, and give those that have not reached it yet."""
    rest = _MOST_BLOCKS
    for place, goal in enumerate(goals):
        rest -= _expire(session, goal, rest)
        if rest <= 0:
            return goals[place:]
    return []


def _expire(session: Session, goal: Goal, most: int) -> int:
    """Let whole hours expire, of about so many blocks; give how many it were, at least `most` if more is to do."""
    (kept_from,) = session.row(_KEPT_FROM, sensor=goal.sensor) or (goal.hour,)
    place = {"sensor": goal.sensor, "kept_from": kept_from}
    hours = [hour for (hour,) in session.rows(_HOURS, **place, goal=goal.hour, most=most + 1)]
    reached = goal.hour if len(hours) <= most else max(hours[-1], hours[0] + 1)
    expired = session.run(_EXPIRE, **place, goal=reached)
    if reached > kept_from:
        session.run(_NOTE, sensor=goal.sensor, goal=reached)
    return expired if reached == goal.hour else max(expired, most)
