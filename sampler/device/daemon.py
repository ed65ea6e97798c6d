"""Starts, watches and stops the flows."""

import logging
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from threading import Thread

from sampler.device import logs
from sampler.device.assembly import Parts, build, plan_of
from sampler.device.client import Client
from sampler.device.config import Config, ConfigError, changes, warnings
from sampler.device.lock import SpoolLock
from sampler.device.machine import Machine
from sampler.device.signals import Signals
from sampler.device.summary import summary

log = logging.getLogger("sampler.daemon")

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
STATUS_S = 5.0
"""How often the supervisor is told how things stand, s."""
GRACE_S = 0.9
"""How long a stop may take beside one HTTP time-out, s."""


class Flow(Thread):
    """A thread that the daemon cannot do without: if it fails, the process ends and its supervisor starts it again."""

    def __init__(self, name: str, target: Callable[[], None]) -> None:
        # A daemon thread: one that hangs in the kernel must not outlast the stop.
        super().__init__(name=name, daemon=True)
        self._flow = target
        self.failed = False

    def run(self) -> None:
        """Run the flow; tell of its failure."""
        try:
            self._flow()
        except Exception:
            log.critical("the %s flow failed", self.name, exc_info=True)
            self.failed = True


def run(
    config: Config,
    reread: Callable[[], Config],
    *,
    machine: Machine | None = None,
    watch: Callable[[Parts], None] | None = None,
) -> int:
    """Run the daemon until it is stopped. Gives the exit code: 0, or 1 if a flow or the disk failed.

    `reread` gives the configuration anew at SIGHUP; `watch` is called four times a second.
    Raises SpoolLocked, SpoolMisplaced or ValueError if it cannot start.
    """
    # Blocked here, before any thread begins, and taken one by one by `Signals`.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    with SpoolLock(config.spool.path):
        for doubt in warnings(config):
            log.warning("%s", doubt)
        parts = build(config, machine or Machine())
        return Daemon(parts, reread, watch).run()


class Daemon:
    """A daemon that runs."""

    def __init__(
        self, parts: Parts, reread: Callable[[], Config], watch: Callable[[Parts], None] | None
    ) -> None:
        self._parts = parts
        self._config = parts.config
        self._reread = reread
        self._watch = watch
        self._signals = Signals(SIGNALS)
        self._sampling = Flow("sampling", lambda: parts.sampling.run(parts.stop))
        self._keeping = Flow("keeping", parts.keeping.run)
        self._delivery = Flow("delivery", parts.delivery.run)
        self._flows = (self._sampling, self._keeping, self._delivery)

    def run(self) -> int:
        """Start the flows, watch them, and stop them. Gives the exit code."""
        for flow in self._flows:
            flow.start()
        self._parts.notifier.ready()
        log.info(
            "sampling %s every %g s; windows of %g s go to %s",
            self._config.sensor.path,
            self._config.sensor.period_s,
            self._config.window.length_s,
            self._config.backend.url,
        )
        return self._end(stopped=self._wait())

    def _wait(self) -> bool:
        """Wait for a stop (True) or for a flow that ends (False)."""
        tell_at = 0.0
        while all(flow.is_alive() for flow in self._flows):
            if self._watch:
                self._watch(self._parts)
            if (now := time.monotonic()) >= tell_at:
                self._parts.notifier.status(summary(self._parts))
                tell_at = now + (STATUS_S if self._parts.sampling.code is not None else 0.0)
            caught = self._signals.wait(0.25 if self._watch else 1.0)
            if caught == signal.SIGHUP:
                self._reload()
            elif caught:
                return True
        return False

    def _reload(self) -> None:
        self._parts.notifier.reloading()
        try:
            config = self._reread()
        except ConfigError as error:
            log.error("the configuration stays as it was: %s", error)  # noqa: TRY400 - an event, not a bug
        else:
            self._adopt(config)
        self._parts.notifier.ready()

    def _adopt(self, config: Config) -> None:
        changed = changes(self._config, config)
        log.info("configuration read again: %s", "; ".join(map(str, changed)) or "nothing has changed")
        if (config.backend, config.retry) != (self._config.backend, self._config.retry):
            client = Client(config.backend, self._config.sensor.name, self._parts.machine.transport)
            self._parts.delivery.reconfigure(client, config.retry)
        self._parts.sampling.patience = plan_of(config).wait
        if config.log != self._config.log:
            logs.configure(config.log.level, config.log.format, sys.stderr)
        # What counts from the next start only is still to be told of at the next reload.
        self._config = replace(
            self._config, backend=config.backend, retry=config.retry, clock=config.clock, log=config.log
        )

    def _end(self, *, stopped: bool) -> int:
        """Stop the flows in the order in which a datum travels. Gives the exit code."""
        parts = self._parts
        parts.notifier.stopping()
        failed = any(flow.failed for flow in self._flows)
        if stopped or failed:
            self._stop()
        deadline = time.monotonic() + GRACE_S + self._config.backend.timeout_s
        self._sampling.join(_until(deadline))
        parts.handoff.close()
        self._keeping.join(_until(deadline))
        parts.delivery.finish()
        # At the end of a source nobody waits, unless told to stop after all: the last measurement has its tries.
        while not parts.stop.is_set() and self._delivery.is_alive():
            if self._signals.wait(0.1) not in {None, signal.SIGHUP}:
                self._stop()
                deadline = time.monotonic() + GRACE_S + self._config.backend.timeout_s
        self._delivery.join(_until(deadline))
        if any(flow.is_alive() for flow in self._flows):
            log.error("a flow does not end: leaving it behind")
            return 1
        parts.sampling.close()
        parts.spool.close()
        log.info("stopped")
        return int(failed or parts.keeping.lost or any(flow.failed for flow in self._flows))

    def _stop(self) -> None:
        self._parts.stop.set()
        self._parts.bell.ring()


def _until(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())
