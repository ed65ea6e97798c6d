"""Processes that meet their end when they enter a system call for the n-th time."""

import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.faults.disks import Disk
from tests.faults.effort import note

needs_strace = pytest.mark.skipif(
    not shutil.which("strace"), reason="needs strace (Debian: strace), to end a process at a system call"
)
_PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Call:
    """The n-th time that any one thread enters such a call, or one that has to do with this file."""

    name: str
    number: int
    file: Path | None = None


class Process(Protocol):
    """A process under test; `prefix` is a command that becomes it."""

    prefix: Sequence[str]

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""

    def wait(self) -> int:
        """Give its exit code."""

    def kill(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Ends lives of a process at calls: by `kill -9` before the call is done, or by a power cut right after it."""

    process: Process
    what: str
    """The process's name in the sum of what was done."""
    trace: Path
    """Where strace writes what it has seen."""
    disk: Disk | None = None
    """Whose power is cut."""

    def at(
        self, call: Call, launch: Callable[[], None], meanwhile: Callable[[], object] = lambda: None
    ) -> bool:
        """Launch it and wait for its end; tell whether it came by the call."""
        self.process.prefix = self._strace(call)
        self.trace.write_text("")
        try:
            launch()
            ended = self._reached(call, meanwhile)
        except BaseException:
            self.process.kill()
            raise
        finally:
            self.process.prefix = ()
        if ended:
            note(f"{'power cuts under' if self.disk else 'kill -9 of'} {self.what} at a {call.name}")
        return ended

    def _strace(self, call: Call) -> Sequence[str]:
        inject = f"inject={call.name}:signal={'STOP' if self.disk else 'KILL'}:when={call.number}"
        about = ("-P", str(call.file)) if call.file else ()
        # Not --seccomp-bpf: with it strace 6.1 counts no calls.
        strace = ("strace", "-D", "-f", "-o", str(self.trace), *about)
        return (*strace, "-e", f"trace={call.name}", "-e", inject)

    def _reached(self, call: Call, meanwhile: Callable[[], object]) -> bool:
        deadline = time.monotonic() + _PATIENCE_S
        while self.process.is_running and not self._stands:
            assert time.monotonic() < deadline, f"{call} was neither reached nor passed by"
            meanwhile()
            time.sleep(0.01)
        if self.disk is None:
            return self.process.wait() == -signal.SIGKILL
        stands = self.process.is_running
        if stands:
            self.disk.lose_power(self.process.kill)
        else:
            self.process.wait()
        return stands

    @property
    def _stands(self) -> bool:
        return "--- stopped by SIGSTOP ---" in self.trace.read_text() if self.disk else False
