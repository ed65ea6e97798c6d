"""Codes that a test hands to a sensor."""

from collections.abc import Callable, Iterable
from itertools import chain, repeat

from sampler.device.adc import Adc
from sampler.device.sensor import Ended, Sensor

Outcome = int | Exception


class Codes:
    """A source that gives these outcomes one by one, then its end; an exception among them is raised."""

    def __init__(self, outcomes: Iterable[Outcome], at_read: Callable[[], None] = lambda: None) -> None:
        self._outcomes = chain(outcomes, repeat(Ended("no more")))
        self._at_read = at_read

    def read(self) -> int:
        self._at_read()
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        pass

    def __str__(self) -> str:
        return "codes"


def sensor(outcomes: Iterable[Outcome], at_read: Callable[[], None] = lambda: None) -> Sensor:
    """A sensor of the default ADC that reads these outcomes."""
    return Sensor(Codes(outcomes, at_read), Adc())
