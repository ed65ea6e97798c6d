"""The one door: puts the daemon together, going on where the last one stopped."""

import logging
import os
from dataclasses import dataclass
from threading import Event

from sampler.device.bell import Bell
from sampler.device.client import Client
from sampler.device.clock import NS, Clock, Timeline
from sampler.device.config import Config
from sampler.device.delivery import Delivery
from sampler.device.handoff import Handoff
from sampler.device.keeping import Keeping
from sampler.device.machine import Machine
from sampler.device.notify import Notifier
from sampler.device.sampling import Plan, Sampling
from sampler.device.sensor import Sensor
from sampler.device.spool import Spool, SpoolMisplaced, SpoolUnavailable
from sampler.device.window import Window
from sampler.measurement import NS_PER_MS

log = logging.getLogger("sampler.daemon")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running daemon consists of."""

    config: Config
    machine: Machine
    clock: Clock
    stop: Event
    bell: Bell
    spool: Spool
    handoff: Handoff
    sampling: Sampling
    keeping: Keeping
    delivery: Delivery
    notifier: Notifier


def build(config: Config, machine: Machine) -> Parts:
    """Put the daemon together on a machine, going on with what the spool holds.

    Raises SpoolMisplaced for a spool that cannot be, ValueError for a source that cannot be.
    """
    stop = Event()
    clock, bell, spool = machine.clock(stop), machine.bell(stop), machine.spool(config.spool)
    handoff = Handoff()
    plan = plan_of(config)
    timeline, window = _carry_on(spool, clock, plan)
    notifier = Notifier.from_environ(os.environ)
    sampling = Sampling(
        plan=plan,
        sensor=Sensor(machine.source(config.sensor), config.adc, config.sensor.period_s),
        clock=clock,
        timeline=timeline,
        handoff=handoff,
        notifier=notifier,
        window=window,
    )
    keeping = Keeping(handoff, spool, stop.wait, bell.ring)
    client = Client(config.backend, config.sensor.name, machine.transport)
    delivery = Delivery(spool, client, config.retry, clock, bell)
    return Parts(config, machine, clock, stop, bell, spool, handoff, sampling, keeping, delivery, notifier)


def plan_of(config: Config) -> Plan:
    """Turn the configuration's seconds into the nanoseconds of sampling."""
    return Plan(
        adc=config.adc,
        length=round(config.window.length_s * NS),
        period=round(config.sensor.period_s * NS),
        journal=round(config.window.journal_s * NS),
        wait=round(config.clock.wait_s * NS),
        stuck=round(config.sensor.stuck_s * NS),
        align=config.window.align,
    )


def _carry_on(spool: Spool, clock: Clock, plan: Plan) -> tuple[Timeline, Window | None]:
    """Take up the window that was open when the last daemon ended, if it is still running."""
    try:
        former = spool.resume()
    except SpoolMisplaced:
        raise
    except SpoolUnavailable as error:
        log.error("%s; sampling starts without what it holds", error)  # noqa: TRY400 - an event, not a bug
        return Timeline(0), None
    window = former.window
    if window is None:
        return Timeline(former.newest), None
    if window.boot_id != clock.boot_id:
        return Timeline(max(former.newest, window.cut().end)), None
    held_since = former.held_since.get(clock.boot_id, window.opened) if window.clock == "unset" else None
    timeline = Timeline(former.newest, window.offset, held_since)
    if clock.monotonic() < window.closes and (window.adc, window.period) == (plan.adc, plan.period):
        log.info("the window goes on: %d of %d readings were taken before", window.taken, window.planned)
        return timeline, window
    if held_since is None:  # what is held has not been given its times for good
        timeline.closed(window.start + NS_PER_MS)
        timeline.leave(window.closes)
    return timeline, None
