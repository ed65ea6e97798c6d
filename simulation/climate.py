"""How a seed's devices are set up. Windows of two minutes with few readings: what a reading comes to is the same."""

from pathlib import Path
from random import Random

from sampler.device.adc import Adc
from sampler.device.config import (
    BackendConfig,
    ClockConfig,
    Config,
    RetryConfig,
    SensorConfig,
    SpoolConfig,
    WindowConfig,
)


def config(name: str, folder: Path, luck: Random) -> Config:
    """Draw a configuration. Readings are rarer than on a real device, and windows as long."""
    length_s = luck.choice((120.0, 120.0, 120.0, 60.0, 600.0))
    period_s = length_s / luck.choice((2, 6, 6, 12, 12, 60))
    return Config(
        sensor=SensorConfig(name=name, period_s=period_s, stuck_s=luck.choice((600.0, 3600.0))),
        adc=Adc(bits=luck.choice((12, 12, 12, 10, 16)), min_c=luck.choice((-50.0, -50.0, -40.5, 0.1))),
        window=WindowConfig(
            length_s=length_s,
            align=luck.choice(("start", "start", "utc")),
            journal_s=luck.choice((10.0, 30.0, *4 * (length_s,))),
        ),
        backend=BackendConfig(timeout_s=luck.choice((2.0, 10.0)), quality=luck.random() < 0.8),
        retry=RetryConfig(
            attempts=luck.choice((1, 3, 10)), wait_s=1.0, wait_max_s=luck.choice((1.0, 30.0, 600.0))
        ),
        spool=SpoolConfig(
            path=folder / "disk/spool.db", max_measurements=luck.choice((20, 100_000, 100_000, 100_000))
        ),
        clock=ClockConfig(wait_s=luck.choice((0.0, 600.0, 7200.0))),
    )
