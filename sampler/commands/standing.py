"""How the daemon and its spool stand at one moment, for people and for programs. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sampler.commands.words import moment, period, why_not_whole
from sampler.device.duration import duration
from sampler.device.kept import Kept
from sampler.device.spool import SpoolStatus
from sampler.device.window import Window
from sampler.measurement import from_nanoseconds, iso


@dataclass(frozen=True, slots=True)
class Standing:
    """What `sampler status` shows. `pid` is the running daemon's, None if there is none."""

    spool: Path
    pid: int | None
    status: SpoolStatus
    newest: Sequence[Kept]
    """The newest measurements that wait, by time."""
    now: datetime

    @property
    def state(self) -> str:
        """Whether a daemon has this spool."""
        return "stopped" if self.pid is None else "running"

    def as_json(self) -> dict[str, Any]:
        """Give all of it, except for the measurements that wait: those are the backlog's."""
        status = self.status
        return {
            "state": self.state,
            "pid": self.pid,
            "spool": str(self.spool),
            "sequence": status.sequence,
            "delivered": status.delivered,
            "waiting": status.waiting,
            "held": status.held,
            "set_aside": status.set_aside,
            "dropped": status.dropped,
            "empty": status.empty,
            "window": None if status.window is None else _window(status.window),
            "last_delivery": status.last_delivery,
            "last_error": status.last_error,
        }

    def line(self) -> str:
        """Give the numbers in one line."""
        status, window = self.status, self.status.window
        progress = "" if window is None else f" · window {window.due} of {window.planned}"
        counts = f"{status.delivered} delivered, {status.waiting} waiting, {status.set_aside} set aside"
        return f"{self.state} · {counts}, {status.dropped} dropped{progress}"

    def text(self) -> str:
        """Give a screenful."""
        pid = "" if self.pid is None else f", pid {self.pid}"
        return "\n".join([f"{self.state}{pid}, {self.spool}", "", *self._rows(), *self._not_whole()])

    def _rows(self) -> Iterator[str]:
        status = self.status
        if status.window is not None:
            yield from self._open_window(status.window)
        yield _row("delivered", _and(status.delivered, self._last_delivery()))
        yield _row("waiting", _and(status.waiting, self._waiting()))
        yield _row("set aside", _and(status.set_aside, self._set_aside()))
        yield _row(
            "dropped", _and(status.dropped, status.dropped and "`sampler verify` names them and says why")
        )
        if status.empty:
            yield _row(
                "empty", _and(status.empty, "windows without one good reading; `sampler verify` names them")
            )
        if status.last_error:
            yield _row("last error", f"{status.last_error['text']}, {self._ago(status.last_error['time'])}")

    def _open_window(self, window: Window) -> Iterator[str]:
        yield _row("window", f"{_period(window)}: {window.taken} of {window.planned} readings")
        if lacks := why_not_whole(window.quality()):
            yield _row("", lacks)
        if self.pid is None:
            yield _row("", "left open: `sampler run` goes on with it, or closes it as it stands")

    def _last_delivery(self) -> str:
        last = self.status.last_delivery
        return "" if last is None else f"the last, number {last['sequence']}, {self._ago(last['time'])}"

    def _waiting(self) -> str:
        held = self.status.held
        return f"{held} of them held back until the clock is set" if held else ""

    def _set_aside(self) -> str:
        return "`sampler backlog list` shows the backend's words" if self.status.set_aside else ""

    def _not_whole(self) -> Iterator[str]:
        lacking = [kept for kept in self.newest if not kept.quality.whole]
        if lacking:
            yield f"\nnot whole, of the newest {len(self.newest)} that wait:"
        for kept in lacking:
            found = kept.measurement
            yield f"{kept.sequence:>9}  {period(found.start, found.end)}: {why_not_whole(kept.quality)}"

    def _ago(self, time: str) -> str:
        seconds = (self.now - datetime.fromisoformat(time)).total_seconds()
        # A wall clock that was set back since, or the demo's fast one.
        return f"{duration(round(seconds))} ago" if seconds >= 0 else moment(datetime.fromisoformat(time))


def _row(name: str, text: str) -> str:
    return f"{name:<11} {text}"


def _and(count: int, more: str | int) -> str:
    return f"{count}; {more}" if more else str(count)


def _window(window: Window) -> dict[str, Any]:
    """Give the open window as last journalled; `due` = `taken` + `missed` + `bad`, of `planned` in all."""
    return {
        "start": iso(from_nanoseconds(window.start)),
        "end": iso(from_nanoseconds(window.end)),
        "planned": window.planned,
        "due": window.due,
        "taken": window.taken,
        "missed": sum(window.missed.values()),
        "bad": sum(window.bad.values()),
        "reasons": {"missed": window.missed, "bad": window.bad},
        "clock": window.clock,
    }


def _period(window: Window) -> str:
    return period(from_nanoseconds(window.start), from_nanoseconds(window.end))
