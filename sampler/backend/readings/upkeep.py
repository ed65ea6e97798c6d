"""The background's work on readings: move what arrived, merge, let expire, remove what was deleted."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from sampler.backend.commits import Commits
from sampler.backend.maintenance import Chore
from sampler.backend.store import Session, Store
from sampler.backend.store.readings import deleting, expiring, merging, moving, sensors
from sampler.backend.store.readings.expiring import Goal
from sampler.backend.store.readings.moving import Stale
from sampler.backend.store.readings.sensors import Sensor

Result = TypeVar("Result")
_GRACE_S = 60
"""So long after an hour its last readings may still be on their way."""
_SENSORS_AT_ONCE = 500
_HOUR_S = 3600


class Upkeep:
    """Plans in a thread, and carries out in a short transaction."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        keep: Mapping[str, int],
        clock: Callable[[], float] = time.time,
        expiry_clock: Callable[[], float] | None = None,
    ) -> None:
        """`keep`: how many seconds the readings of a sensor are kept; the empty name stands for all others.

        By the expiry clock they get too old, if it is another one: what expires does not come back.
        """
        self._store = store
        self._commits = commits
        self._keep = keep
        self._clock = clock
        self._expiry_clock = expiry_clock or clock
        self._seen = 0
        """The number of the last sensor that was looked at since the hour began."""
        self._expired_at = -1
        """The hour in which all sensors were looked at."""

    @property
    def chores(self) -> Sequence[Chore]:
        """What is to be done again and again."""
        return [self.move, self.merge, self.expire, self.purge]

    async def move(self) -> bool:
        """Move arrivals into blocks, if enough or old ones are waiting."""
        now = int(self._clock())
        plan = await self._read(lambda session: moving.plan(session) if moving.is_due(session, now) else None)
        return plan is not None and await self._done(partial(moving.carry_out, plan=plan))

    async def merge(self) -> bool:
        """Merge small blocks of hours that are over."""
        plan = await self._read(partial(merging.plan, before=int(self._clock() - _GRACE_S) // _HOUR_S))
        return bool(plan) and await self._done(partial(merging.carry_out, merges=plan))

    async def expire(self) -> bool:
        """Let readings expire of some sensors, each of which is looked at once an hour."""
        this_hour = int(self._expiry_clock()) // _HOUR_S
        if not self._keep or self._expired_at == this_hour:
            return False
        some = await self._read(lambda session: sensors.page(session, self._seen, _SENSORS_AT_ONCE))
        if some:
            self._seen = some[-1].number
            await self._expire(
                [Goal(one.number, goal) for one in some if (goal := self._goal(one)) > one.kept_from]
            )
        else:
            self._seen, self._expired_at = 0, this_hour
        return bool(some)

    async def purge(self) -> bool:
        """Remove some of the readings that were deleted."""
        return await self._read(deleting.is_due) and await self._commits.write(deleting.purge)

    async def _expire(self, goals: Sequence[Goal]) -> None:
        while goals:
            goals = await self._commits.write(partial(expiring.expire, goals=goals))

    def _goal(self, sensor: Sensor) -> int:
        """Give the hour from which on the sensor's readings are kept."""
        seconds = self._keep.get(sensor.name, self._keep.get(""))
        return 0 if seconds is None else max(0, int(self._expiry_clock() - seconds) // _HOUR_S)

    async def _read(self, read: Callable[[Session], Result]) -> Result:
        return await asyncio.to_thread(self._read_here, read)

    def _read_here(self, read: Callable[[Session], Result]) -> Result:
        with self._store.reading() as session:
            return read(session)

    async def _done(self, work: Callable[[Session], None]) -> bool:
        """Carry out a plan; say that there may be more to do, unless another instance is at it."""
        try:
            await self._commits.write(work)
        except Stale:
            return False
        return True
