"""Flow 1: tick, read, accumulate. Touches neither disk nor network."""

import logging
from dataclasses import dataclass
from threading import Event

from sampler.device.adc import Adc
from sampler.device.clock import NS, STEP, Clock, Timeline
from sampler.device.episode import Episode
from sampler.device.handoff import Handoff, Journal, Release, Turn
from sampler.device.notify import Notifier
from sampler.device.sensor import BadReading, Ended, NoValue, Sensor
from sampler.device.suspicion import Suspicion
from sampler.device.window import Window

log = logging.getLogger("sampler.sampling")

CALM = 10 * NS
"""Good readings for so long, in ns, end an episode of bad ones."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to sample: the converter, and in ns the window's length, the readings' and the journal's period."""

    adc: Adc
    length: int
    period: int
    journal: int
    wait: int
    """How long windows may be held back for a clock that is not set, ns."""
    stuck: int
    """How long the very same code may stand before the sensor is suspected, ns."""
    align: str = "start"

    def closes(self, opened: int, offset: int) -> int:
        """Give the instant when a window closes that opens at `opened`."""
        if self.align == "start":
            return opened + self.length
        left = self.length - (opened + offset) % self.length
        # A rest too short for one reading joins the window after it.
        return opened + (left if left >= self.period else left + self.length)


class Sampling:
    """Reads the sensor on absolute deadlines into one window after the other."""

    def __init__(  # noqa: PLR0913 - one composition root calls it, by name
        self,
        *,
        plan: Plan,
        sensor: Sensor,
        clock: Clock,
        timeline: Timeline,
        handoff: Handoff,
        notifier: Notifier,
        window: Window | None = None,
    ) -> None:
        self._plan = plan
        self._sensor = sensor
        self._clock = clock
        self._timeline = timeline
        self._handoff = handoff
        self._notifier = notifier
        self._bad = Episode(log, CALM)
        self._suspicion = Suspicion(plan.adc.full_scale, plan.stuck)
        self.patience = plan.wait
        """How long windows may be held back for a clock that is not set, ns."""
        self.code: int | None = None
        """The last good code."""
        self._observed = clock.offset()
        self._journal_due = 0
        now, relabel = clock.monotonic(), None
        if window is not None:
            self.window = window
            window.miss_until(now, "away")
            if window.clock == "set" and timeline.stepped(self._observed):
                window.clock = "stepped"  # while nobody was there to see it
        else:
            self.window, relabel = self._open(now, None)
        self._journal(now, relabel)

    def run(self, stop: Event) -> None:
        """Sample until the stop, or the source's end; then leave the open window to the journal."""
        try:
            while not stop.is_set():
                self._clock.sleep_until(self.window.deadline)
                if not stop.is_set():
                    self.tick()
        except Ended:
            self._end()
        else:
            self._journal(self._clock.monotonic())

    def close(self) -> None:
        """Let the sensor go."""
        self._sensor.close()

    def tick(self) -> None:
        """Make the reading that is due now, or close the window. Raises Ended."""
        now = self._clock.monotonic()
        self._notifier.alive(now / NS)
        self._watch_clock()
        if now >= self.window.closes:
            self._turn(now)
            return
        # Skip missed ticks: a burst would fake a faster ADC.
        self.window.miss((now - self.window.deadline) // self.window.period, "late")
        self._read(now)
        if now >= self._journal_due:
            self._journal(now)

    def _read(self, now: int) -> None:
        try:
            self.code = self._sensor.read()
        except NoValue:
            self.window.miss(1, "no_value")
        except BadReading as bad:
            self.window.spoil(bad.kind)
            self._bad.sign(now, bad.kind, f"bad reading: {bad}")
        else:
            self.window.take(self.code)
            self._bad.quiet(now, "readings are good again")
            if sentence := self._suspicion.see(self.code, now):
                log.warning("%s", sentence)

    def _watch_clock(self) -> None:
        observed = self._clock.offset()
        step = observed - self._observed
        if abs(step) <= STEP:
            return
        self._observed = observed
        if self.window.clock == "set":
            self.window.clock = "stepped"
        log.warning("the wall clock was moved by %+.1f s; this window goes on as it was labelled", step / NS)

    def _turn(self, now: int) -> None:
        closed = self.window
        closed.miss_until(closed.closes, "late")
        hold = closed.clock == "unset" and self._timeline.held_since is not None
        if not hold:
            self._timeline.closed(closed.end)
        self.window, relabel = self._open(closed.closes, closed)
        self._handoff.put(Turn(closed, self.window.snapshot(), hold, relabel))
        self._journal_due = now + self._plan.journal
        self._lose_patience(now)

    def _open(self, opened: int, former: Window | None) -> tuple[Window, int | None]:
        label = self._timeline.label(opened, self._clock.offset(), self._plan.length)
        window = Window(
            self._plan.adc,
            self._clock.boot_id,
            opened,
            self._plan.closes(opened, label.offset),
            self._plan.period,
            label.offset,
            label.start,
            label.clock,
        )
        if former is None and window.closes - opened < self._plan.length:
            log.info("the first window is short: %.1f s, to the grid of UTC", (window.closes - opened) / NS)
        if label.clock == "unset" and (former is None or former.clock != "unset"):
            log.warning(
                "the wall clock lies before times already given: windows are held back until it is set"
            )
        if label.relabel is not None:
            log.info("the wall clock is set: windows held back get their right times")
        return window, label.relabel

    def _journal(self, now: int, relabel: int | None = None) -> None:
        self._handoff.put(Journal(self.window.snapshot(), relabel))
        self._journal_due = now + self._plan.journal
        self._lose_patience(now)

    def _lose_patience(self, now: int) -> None:
        held_since = self._timeline.held_since
        if held_since is None or now - held_since < self.patience:
            return
        self._timeline.give_up(self.window.start)
        self._handoff.put(Release())
        log.warning("the wall clock is still not set: windows go as they are, marked")

    def _end(self) -> None:
        log.info("the source has come to its end: the window closes as it stands")
        if self.window.due:
            self._handoff.put(Turn(self.window.cut(), None))
