"""The daemon as a process of its own, for tests that do to it what the world does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sampler.device.spool import Entry, Spool, SpoolStatus

HIGHEST = 4095
SAMPLER = (sys.executable, "-m", "sampler.cli")
IMPATIENT: dict[str, object] = {
    "sensor.name": "device",
    "sensor.period_s": 0.01,
    "window.length_s": 0.5,
    "window.journal_s": 0.1,
    "backend.timeout_s": 0.5,
    "backend.quality": True,
    "retry.wait_s": 0.01,
    "retry.wait_max_s": 0.05,
}


@dataclass(slots=True)
class Life:
    """One run of the daemon: the code it read first, and when it began, was ready and ended, ns since 1970.

    It ends with its source, if that is the first to end: then it delivers, and measures no more. From when it was
    `told` to stop it need not measure.
    """

    first: int
    began: int
    ready: int | None = None
    ended: int | None = None
    told: int | None = None


class DeviceProcess:
    """`sampler run` with windows of half a second, reading a ramp of codes: its n-th code is `first` + n.

    Ready when the block is entered; killed, if it still runs, when the block is left. `prefix` is a command that
    becomes the daemon in the end (so not its parent: `strace -D`), `environ` what it has on top of the tests'
    environment, `readings` how many codes there are in a life. Settings go on top of IMPATIENT; those that are
    None are left to `config`.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        settings: Mapping[str, object] | None = None,
        *,
        config: Path | None = None,
        prefix: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.source = folder / "codes.txt"
        self.settings = {
            **IMPATIENT,
            "sensor.path": self.source,
            "spool.path": folder / "spool.db",
            "backend.url": url,
            **(settings or {}),
        }
        self.spool = Path(str(self.settings["spool.path"]))
        self.config = config
        self.lives: list[Life] = []
        self.prefix = prefix
        self.environ = dict(environ or {})
        self.readings: int | None = None
        self._log = folder / "device.log"
        self._log_read = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def name(self) -> str:
        return str(self.settings["sensor.name"])

    @property
    def period_s(self) -> float:
        return float(str(self.settings["sensor.period_s"]))

    @property
    def pid(self) -> int:
        assert self._process, "the daemon does not run"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What it has logged since its last start."""
        with self._log.open(encoding="utf-8") as log:
            log.seek(self._log_read)
            return log.read()

    @property
    def renamed(self) -> int:
        """How often the spool has gone on under a new identity, because a write was torn."""
        return self._log.read_text().count("under a new identity")

    def start(self, first: int = 0) -> None:
        """Start it and wait until it samples."""
        self.launch(first)
        until(lambda: self.note_ready() or not self.is_running, 20)
        assert self.is_running, f"the daemon did not start:\n{self.log}"

    def launch(self, first: int = 0) -> None:
        """Start it, and do not wait."""
        if self.settings["sensor.path"] == self.source:
            ramp(self.source, first, first + self.readings - 1 if self.readings else HIGHEST)
        self._log.touch()
        self._log_read = self._log.stat().st_size
        command = [*self.prefix, *SAMPLER, "run", *self.options()]
        with self._log.open("ab") as log:
            self.lives.append(Life(first, time.time_ns()))
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | self.environ)

    def note_ready(self) -> bool:
        """Tell whether it samples, or has; the first to see it takes the time, also that of the source's end."""
        life, now = self.lives[-1], time.time_ns()
        if life.ended is None:
            said = self.log
            if life.ready is None and "sampling" in said:
                life.ready = now
            if "the source has come to its end" in said:
                life.ended = now
        return life.ready is not None

    def kill(self) -> None:
        """End it as a power cut would, as far as a process can."""
        if self.is_running:
            self.signal(signal.SIGKILL)
        self.wait()

    def stop(self, patience_s: float = 10) -> int:
        """End it with SIGTERM, if it runs, and give its exit code."""
        if self.is_running:
            self.lives[-1].told = time.time_ns()
            self.signal(signal.SIGTERM)
        return self.wait(patience_s)

    def restart(self, first: int = 0) -> None:
        """Stop it if it runs, and start it again."""
        self.stop()
        self.start(first)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, patience_s: float = 10) -> int:
        """Wait for its end, and give its exit code."""
        if not self._process:
            return 0
        try:
            return self._process.wait(patience_s)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._process = None
            self.lives[-1].ended = self.lives[-1].ended or time.time_ns()

    def options(self) -> list[str]:
        """What every command is given to be about this daemon."""
        given = [f"{key}={value}" for key, value in self.settings.items() if value is not None]
        files = ["--config", str(self.config)] if self.config else []
        return [*files, *chain.from_iterable(("--set", each) for each in given)]

    def status(self) -> dict[str, Any]:
        """What `sampler status` says."""
        return self._told("status")

    def verify(self) -> dict[str, Any]:
        """What `sampler verify` says, whatever its exit code."""
        return self._told("verify")

    def look(self) -> SpoolStatus:
        """How its spool stands, at once; the spool must be there."""
        return Spool.view(self.spool).status()

    def kept(self) -> list[Entry]:
        """What is in the spool, by sequence."""
        return list(Spool.view(self.spool).entries())

    def _told(self, command: str) -> dict[str, Any]:
        asked = [*SAMPLER, command, "--json", *self.options()]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
        assert done.stdout, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told


def ramp(path: Path, first: int, last: int = HIGHEST) -> None:
    """Write the codes from first to last, so that each window tells which of them it is made of."""
    path.write_text("".join(f"{code}\n" for code in range(first, last + 1)))


def until(what: Callable[[], object], patience_s: float = 15.0) -> None:
    """Wait for something to become true, and fail if it does not."""
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, f"not within {patience_s:g} s"
        time.sleep(0.02)
