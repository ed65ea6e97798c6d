"""`getTemperature()`, from whichever source the configuration names."""

import time
from collections.abc import Callable
from pathlib import Path

from sampler.device.adc import Adc
from sampler.device.sources import BadReading, Ended, NoValue, Source
from sampler.device.sources.file import FileSource
from sampler.device.sources.iio import IioSource

__all__ = ["SOURCES", "BadReading", "Ended", "NoValue", "Sensor", "Source", "open_source"]

SOURCES: dict[str, Callable[[Path, str, float], Source]] = {
    "file": lambda path, at_end, _: FileSource(path, at_end),
    "iio": lambda path, _, period_s: IioSource(path, period_s),
}


def open_source(source: str, path: Path, at_end: str, period_s: float) -> Source:
    """Open the source of that name, to be read each `period_s` seconds. Raises ValueError if it cannot be."""
    if source not in SOURCES:
        raise ValueError(f"there is no source {source!r}, only {', '.join(SOURCES)}")
    return SOURCES[source](path, at_end, period_s)


class Sensor:
    """A converter and the source of its codes."""

    def __init__(
        self,
        source: Source,
        adc: Adc,
        period_s: float = 0.1,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._source = source
        self._adc = adc
        self._full_scale = adc.full_scale
        self._period_s = period_s
        self._clock = clock
        self._pause = pause
        self._next = clock()

    def read(self) -> int:
        """Read one value at the caller's own pace: a code from 0 to full scale.

        Raises BadReading, NoValue or Ended.
        """
        code = self._source.read()
        if 0 <= code <= self._full_scale:
            return code
        raise BadReading("out_of_range", f"{self._source}: {_short(code)} is outside 0 to {self._full_scale}")

    def getTemperature(self) -> float:  # noqa: N802 - the name that the published interface gives it
        """Read one value, in °C. Raises BadReading, NoValue or Ended.

        Called sooner than a period after the last call it waits for the rest: before, no new value exists.
        """
        self._pause(max(0.0, self._next - self._clock()))
        self._next = self._clock() + self._period_s
        return self._adc.celsius(self.read())

    def close(self) -> None:
        """Close the source."""
        self._source.close()


def _short(code: int) -> str:
    digits = str(code)  # as many as a line holds
    return digits if len(digits) <= 24 else f"{digits[:24]}…"
