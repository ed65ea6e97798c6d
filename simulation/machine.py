"""What the daemon is given in a simulated world: clocks, waits, a sensor, a disk and a network of that world."""

from collections.abc import Mapping
from threading import Event
from typing import TYPE_CHECKING

from sampler.device.bell import Bell
from sampler.device.clock import Clock
from sampler.device.config import SensorConfig, SpoolConfig
from sampler.device.machine import Machine
from sampler.device.sensor import Source
from sampler.device.spool import Spool
from sampler.device.wire.answers import Answer
from sampler.device.wire.failures import unreachable
from sampler.device.wire.route import Route
from sampler.device.wire.transport import Transport

if TYPE_CHECKING:
    from simulation.life import Life


class SimulatedMachine(Machine):
    """The machine of one life of a daemon."""

    def __init__(self, life: "Life") -> None:
        super().__init__()
        self._life = life

    def clock(self, stop: Event) -> Clock:
        """Give the device's clocks."""
        return SimulatedClock(self._life)

    def bell(self, stop: Event) -> Bell:
        """Give a bell whose waits let the world go on."""
        return SimulatedBell(self._life, stop)

    def spool(self, config: SpoolConfig) -> Spool:
        """Give the spool on the device's disk."""
        return Spool(config.path, config.max_measurements, self._life.volume)

    def source(self, config: SensorConfig) -> Source:
        """Give the device's sensor."""
        return self._life.source

    def transport(self, route: Route, timeout_s: float) -> Transport:
        """Give a way through the device's network."""
        return SimulatedTransport(self._life, route, timeout_s)


class SimulatedClock(Clock):
    """The device's clocks. Nobody sleeps on them: the life ticks when it is time."""

    def __init__(self, life: "Life") -> None:
        self._device = life.device
        self.boot_id = life.device.boot_id

    def monotonic(self) -> int:
        """See Clock."""
        return self._device.monotonic()

    def offset(self) -> int:
        """See Clock."""
        return self._device.offset


class SimulatedBell(Bell):
    """Rings for the delivery flow of a life."""

    def __init__(self, life: "Life", stop: Event) -> None:
        super().__init__(stop)
        self._life = life

    @property
    def rung(self) -> bool:
        """Whether it was rung, or the daemon stops."""
        return super().wait(0)

    def ring(self) -> None:
        """See Bell."""
        super().ring()
        self._life.wake_delivery()

    def wait(self, seconds: float | None) -> bool:
        """See Bell."""
        if seconds and not self.rung:
            self._life.wait(seconds, lambda: self.rung)
        return self.rung


class SimulatedTransport(Transport):
    """Requests through the device's network, over by their deadline as the real one's are."""

    def __init__(self, life: "Life", route: Route, timeout_s: float) -> None:
        self._life, self._route, self._timeout_s = life, route, timeout_s

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """See Transport."""
        try:
            return self._life.device.network.post(self._life, path, body, headers, self._timeout_s)
        except OSError as error:
            raise unreachable(error, self._route.host, self._timeout_s) from None

    def close(self) -> None:
        """See Transport."""
