"""One run of the daemon: its real parts, driven by the world's time until it is stopped, killed or unplugged."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sampler.device.assembly import Parts, build
from sampler.device.keeping import PATIENCE_S
from sampler.device.sources import BadReading, NoValue
from sampler.device.spool import SpoolUnavailable
from simulation import diary
from simulation.disk import Crash
from simulation.machine import SimulatedMachine
from simulation.world import NS

if TYPE_CHECKING:
    from simulation.device import Device

_BUSY_S = 0.05


class Life:
    """Three flows, each of which does what is to be done when it is woken. What takes time lets the others go on."""

    def __init__(self, device: "Device") -> None:
        self.device = device
        self.alive = True
        self.source = _Source(self)
        self.volume = device.disk.mount(self._step, device.wall)
        self.diary = device.diary.begin(
            diary.Life(device.boot_id, device.settings, device.monotonic(), wall=[(0, device.offset)])
        )
        self.frames = 0
        """How many of its calls are under way: a new life begins after the last of them has been left."""
        self._in_disk = False
        self._awake: set[Callable[[], None]] = set()
        self._running: set[Callable[[], None]] = set()
        self.stopping = False
        self.parts: Parts | None = None

    def begin(self) -> None:
        """Start the daemon. Raises what the daemon would not start for."""
        with self._frame():
            before = self.device.disk.faults.refused
            parts = build(self.device.config, SimulatedMachine(self))
            parts.handoff.close()  # `next` never waits then
            self.parts = parts
            self.diary.began = self.device.monotonic()
            if self.device.disk.faults.refused > before:
                self._note_trouble()  # it may not know what the spool holds
            self._note_window(parts)
            with suppress(SpoolUnavailable):
                parts.spool.check()
            self.device.world.at(self._due(parts), lambda: self._run(self._sample))
        self._wake(self._keep)
        self._wake(self._deliver)

    # How the world reaches it.

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass. Raises Crash if that was the end of this life."""
        self.device.world.wait(seconds, lambda: until() or not self.alive)
        while self.alive and self.device.suspended_until > self.device.world.now:
            self.device.world.wait((self.device.suspended_until - self.device.world.now) / NS)
        if not self.alive:
            raise Crash

    def wake_delivery(self) -> None:
        """Let the delivery flow look what there is."""
        self._wake(self._deliver)

    def die(self, how: diary.Ending) -> None:
        """End at once, wherever it is; the disk has been told before."""
        self.alive = False
        self.diary.end(self.device.monotonic(), how)

    def stop(self) -> None:
        """End in order: the open window is journalled, what memory holds is kept if the disk takes it."""
        parts = self.parts
        if parts is None:
            self.device.kill()
            return
        self.stopping = True
        parts.stop.set()
        parts.bell.ring()
        self._end_sampling(parts)

    def _end_sampling(self, parts: Parts) -> None:
        if not self.alive:
            return
        if self._sample in self._running:  # a reading is on its way
            self.device.world.after(_BUSY_S, lambda: self._end_sampling(parts))
            return
        with self._frame():
            parts.sampling.run(parts.stop)
            self.diary.end(self.device.monotonic(), "stopped")
        self._finish(parts, tries=2)

    def _finish(self, parts: Parts, tries: int) -> None:
        if not self.alive:
            return
        kept = False
        if not self._in_disk and not self._running:
            with self._frame():
                kept = self._drain(parts)
                if kept:
                    parts.spool.close()
        if not self.alive:
            return  # the power went while the spool was closed: that has been seen to
        if kept or not tries:
            # What the disk has not taken by now is lost, as in a crash.
            self.device.ended(self, self.diary.how if kept else "killed")
        else:
            self.device.world.after(PATIENCE_S, lambda: self._finish(parts, tries - bool(not self._running)))

    # The flows.

    def _wake(self, flow: Callable[[], None], seconds: float = 0.0) -> None:
        if flow not in self._awake:
            self._awake.add(flow)
            self.device.world.after(seconds, lambda: self._run(flow))

    def _run(self, flow: Callable[[], None]) -> None:
        """Let a flow go on, unless it must wait: for its own last call, for the disk, or to be resumed."""
        self._awake.discard(flow)
        parts = self.parts
        if not self.alive or parts is None or parts.stop.is_set():
            return
        asleep = self.device.suspended_until - self.device.world.now
        if asleep > 0:
            self._wake(flow, asleep / NS)
        elif flow in self._running or (self._in_disk and flow != self._sample):
            self._wake(flow, _BUSY_S)
        else:
            self._running.add(flow)
            with self._frame():
                flow()
            self._running.discard(flow)

    def _sample(self) -> None:
        parts, device = self._living, self.device
        while True:
            parts.sampling.tick()
            self._note_window(parts)
            if parts.handoff.next() is not None:
                self._wake(self._keep)
            if not device.world.leap(due := self._due(parts)):
                break
        device.world.at(due, lambda: self._run(self._sample))

    def _due(self, parts: Parts) -> int:
        """Say when the next tick comes, in the world's time: when it is due, or later."""
        return self.device.instant_of(parts.sampling.window.deadline) + self.device.lateness()

    def _keep(self) -> None:
        if not self._drain(self._living):
            self._wake(self._keep, PATIENCE_S)

    def _drain(self, parts: Parts) -> bool:
        while (event := parts.handoff.next()) is not None:
            if not parts.keeping.keep(event):
                self._note_trouble()
                return False
        return True

    def _deliver(self) -> None:
        parts = self._living
        parts.bell.clear()
        before = self.device.disk.faults.refused
        parts.delivery.round()
        if self.device.disk.faults.refused > before:
            self._note_trouble()  # which may have torn a write of its own
        if parts.bell.wait(0):
            self._wake(self._deliver)

    @property
    def _living(self) -> Parts:
        if self.parts is None:
            raise Crash
        return self.parts

    # What it stands on.

    def _step(self, kind: str, seconds: float) -> None:
        """See a step of the disk, which takes so long; meanwhile only sampling goes on."""
        if not self.alive:
            raise Crash
        if seconds:
            began = self.device.monotonic()
            self._in_disk = True
            try:
                self.wait(seconds)
            finally:
                self._in_disk = False
                # The machine may have been booted again meanwhile: its clock has begun anew.
                ended = self.diary.ended
                self.diary.trouble.append((began, self.device.monotonic() if ended is None else ended))

    def _note_window(self, parts: Parts) -> None:
        window = parts.sampling.window
        self.diary.windows[window.opened] = (window.closes, window.start)

    def _note_trouble(self) -> None:
        now = self.device.monotonic()
        self.diary.trouble.append((now, now + round(PATIENCE_S * NS)))

    @contextmanager
    def _frame(self) -> Iterator[None]:
        self.frames += 1
        try:
            yield
        except Crash:
            if self.alive:  # it was the disk's hour that had come
                self.device.died(self)
        except Exception as error:  # noqa: BLE001 - whatever it is, the daemon ends of it, and should not
            self.device.failed(self, error)
        finally:
            self.frames -= 1


class _Source:
    """The device's sensor, as this life asks it."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def __str__(self) -> str:
        return "the simulated sensor"

    def read(self) -> int:
        """See Source."""
        life = self._life
        life.diary.asked.append(life.device.monotonic())
        try:
            code = life.device.sensor.ask(life.wait)
        except NoValue:
            life.diary.given.append(diary.NO_VALUE)
            raise
        except BadReading as bad:
            life.diary.given.append(bad.kind)
            raise
        except Crash:  # nobody heard the answer
            life.diary.asked.pop()
            raise
        life.diary.given.append(code)
        return code

    def close(self) -> None:
        """See Source."""
