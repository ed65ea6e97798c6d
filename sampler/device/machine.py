"""The machine that the daemon runs on: every way by which the world reaches it."""

from threading import Event

from sampler.device.bell import Bell
from sampler.device.clock import Clock, FastClock
from sampler.device.config import SensorConfig, SpoolConfig
from sampler.device.sensor import Source, open_source
from sampler.device.spool import Spool
from sampler.device.wire.route import Route
from sampler.device.wire.transport import Transport


class Machine:
    """Time, disk, sensor and network, as they are. A simulation is another one, with a world of its own."""

    def __init__(self, speed: float = 1.0) -> None:
        """Let time pass `speed` times as fast."""
        self._speed = speed

    def clock(self, stop: Event) -> Clock:
        """Give the clocks, whose sleeps end at the stop."""
        return Clock(stop) if self._speed == 1.0 else FastClock(stop, self._speed)

    def bell(self, stop: Event) -> Bell:
        """Give what wakes the delivery flow."""
        return Bell(stop, self._speed)

    def spool(self, config: SpoolConfig) -> Spool:
        """Give the spool; it is opened at first use."""
        return Spool(config.path, config.max_measurements)

    def source(self, config: SensorConfig) -> Source:
        """Open where readings come from. Raises ValueError if it cannot be."""
        return open_source(config.source, config.path, config.at_end, config.period_s)

    def transport(self, route: Route, timeout_s: float) -> Transport:
        """Give a way to the backend; it is connected at the first request."""
        return Transport(route, timeout_s)
