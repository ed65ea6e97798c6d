"""Codes from a converter with a Linux IIO driver: a file in sysfs, such as an MCP3208's `in_voltage0_raw`."""

import os
from contextlib import suppress
from pathlib import Path

from sampler.device.bounded import Bounded, Hung
from sampler.device.sources import BadReading
from sampler.device.sources.lines import LONGEST, code

SHARE_OF_PERIOD = 0.8
"""How long a read may take. The rest of the period is the tick's, so that the next one is not late."""


class IioSource:
    """One code a read, from a channel's `in_voltageN_raw` or from the directory of a device with one channel.

    The code is the raw value as it stands. An `in_voltage_offset`, which some converters have, is not added:
    it would turn the codes from 0 to full scale, over which the temperature is defined, into others.

    Raises ValueError for a directory with no channel or with several. What is not there yet, since a driver
    may load late, is a bad reading until it is.
    """

    def __init__(self, path: Path, period_s: float = 0.1) -> None:
        self._path = path
        self._timeout_s = SHARE_OF_PERIOD * period_s
        self._channel: Path | None = None
        with suppress(OSError):
            channel(path)
        self._bus = Bounded("iio")

    def __str__(self) -> str:
        return str(self._path)

    def read(self) -> int:
        """Have the driver convert once. Raises BadReading: failed, hung, blank or unreadable."""
        try:
            text = self._bus.call(self._raw, self._timeout_s)
        except Hung:
            raise BadReading(
                "hung", f"{self}: the driver has not answered within {self._timeout_s:g} s"
            ) from None
        except OSError as error:
            raise BadReading("failed", f"cannot read {self}: {error.strerror}") from error
        except ValueError as error:
            raise BadReading("failed", f"cannot read {self}: {error}") from error
        return code(text.removesuffix(b"\n"), self)

    def close(self) -> None:
        """Let go of the driver; a read that hangs is left behind."""
        self._bus.close()

    def reference_mv(self, bits: int) -> float | None:
        """Give the driver's reference voltage in mV: its scale times 2**bits. None if it has no scale."""
        try:
            raw = channel(self._path)
            scales = raw.with_name(raw.name.replace("_raw", "_scale")), raw.with_name("in_voltage_scale")
            return next(float(scale.read_text()) * (1 << bits) for scale in scales if scale.exists())
        except (OSError, ValueError, StopIteration):
            return None

    def _raw(self) -> bytes:
        file = self._channel or channel(self._path)
        descriptor = os.open(file, os.O_RDONLY)
        try:
            text = os.read(descriptor, LONGEST + 1)
        finally:
            os.close(descriptor)
        self._channel = file  # found, and not looked for again
        return text


def channel(path: Path) -> Path:
    """Give the file to read: `path`, or a directory's only channel. Raises ValueError for none or several."""
    if not path.is_dir():
        return path
    channels = sorted(path.glob("in_voltage*_raw"))
    if len(channels) == 1:
        return channels[0]
    names = ", ".join(channel.name for channel in channels)
    raise ValueError(
        f"{path} has {f'several channels, name one of them: {names}' if names else 'no in_voltage*_raw'}"
    )
