"""A client that posts readings, each batch again under its key until it is answered, and knows what they add up to."""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from simulation import readings
from simulation.backend import Backend, Refused, Reset
from simulation.oracle import Statistics, Violation
from simulation.world import World

_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
_SENSORS = ("kitchen", "cellar", "Außen 1/2")
_AGAIN_S = 20.0


class Reporter:
    """Posts batches of readings, some of them late or of another zone, until the world is calm."""

    def __init__(self, world: World, backend: Backend, luck: Random, often_s: float) -> None:
        self._world, self._backend, self._luck = world, backend, luck
        self._truth = Statistics()
        self._number = 0
        self._often_s = often_s
        self.pending: list[readings.Reading] = []
        """A batch that has not been answered yet: nobody knows whether it is stored."""
        self._come()

    def _come(self) -> None:
        self._world.after(self._luck.expovariate(1 / self._often_s), self._begin)

    def _begin(self) -> None:
        if not self._world.calm:
            self._number += 1
            self.pending = [self._reading() for _ in range(self._luck.choice((1, 3, 40)))]
            self._post()

    def _reading(self) -> readings.Reading:
        late = timedelta(days=self._luck.choice((0, 0, 0, 40)))
        zone = timezone(timedelta(hours=self._luck.choice((0, 1, -7))))
        time = _BEGIN + timedelta(seconds=round(self._world.now / 1e9)) - late
        return (
            self._luck.choice(_SENSORS),
            time.astimezone(zone).isoformat(),
            round(self._luck.gauss(20.0, 5.0), 2),
        )

    def _post(self) -> None:
        """Post the batch, as often as it takes."""
        try:
            answer = readings.post(self._backend, f"batch {self._number}", self.pending)
        except (Refused, Reset):
            answer = None
        if answer is None or answer.status != 200:
            self._world.faults["a batch of readings is not answered"] += 1
            self._world.after(_AGAIN_S, self._post)
            return
        for sensor, time, value in self.pending:
            self._truth.stored(sensor, value, datetime.fromisoformat(time))
        self.pending = []
        self._come()

    def snapshot(self) -> Callable[[], None]:
        """Give what brings the sums back to where they are now, as restoring a backup does with the backend's."""
        truth = copy.deepcopy(self._truth)

        def restore() -> None:
            self._truth = copy.deepcopy(truth)

        return restore

    def judge(self) -> Iterator[Violation]:
        """Compare the backend's statistics with what was posted (rule h)."""
        if self.pending:
            yield Violation("reporter", "g", None, f"batch {self._number} is still not answered")
        told = {sensor: readings.statistics(self._backend, sensor) for sensor in _SENSORS}
        yield from self._truth.judge("backend", told)
