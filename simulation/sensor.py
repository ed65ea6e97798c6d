"""The sensor of a simulated device: what it gives is the truth that everything is judged by."""

from collections.abc import Callable
from random import Random

from sampler.device.sources import BadReading, Kind, NoValue

KINDS: tuple[Kind, ...] = ("blank", "unreadable", "failed", "hung")


class Sensor:
    """Codes that wander, until the weather breaks it: `mood` says how, if it is broken."""

    def __init__(self, luck: Random, full_scale: int) -> None:
        self._luck = luck
        self._full_scale = full_scale
        self._code = full_scale // 2
        self.mood = ""

    def __str__(self) -> str:
        return "the simulated sensor"

    def ask(self, wait: Callable[[float], None]) -> int:
        """Give a code, in range or not, as Source.read does; `wait` lets time pass."""
        mood = self.mood
        if mood:
            if mood == "silent":
                raise NoValue
            if mood == "hanging":
                wait(self._luck.uniform(0.0, 3.0))
            elif mood == "outside":
                return self._luck.choice((-1, self._full_scale + 1, 10**30))
            elif mood in {"low rail", "high rail"}:
                return 0 if mood == "low rail" else self._full_scale
            elif mood == "stuck":
                return self._code
            elif mood != "flutter" or self._luck.random() < 0.3:
                kind = self._luck.choice(KINDS)
                raise BadReading(kind, f"{self}: {kind}")
        self._code = min(max(self._code + self._luck.randrange(-40, 41), 0), self._full_scale)
        return self._code


MOODS = ("silent", "hanging", "outside", "low rail", "high rail", "stuck", "flutter", "broken")
