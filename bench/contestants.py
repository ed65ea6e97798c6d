"""Processes that tick ten times a second, side by side, and what each of them costs."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
SAMPLER = str(Path(sys.executable).with_name("sampler"))
C_LOOP = "C loop"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost: CPU in % of one core, memory in MiB, how late its ticks were in µs."""

    cpu: float
    rss: float
    pss: float | None
    late: list[float] = field(repr=False)


def percentile(late: Iterable[float], percent: float) -> float | None:
    """Give what so many percent of the ticks stay below; None if there are none."""
    ordered = sorted(late)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else None


class Contestant:
    """A process that ticks until SIGTERM."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._name, self._log = command[0], log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, cwd=REPOSITORY)
        self.pid = self._process.pid

    def stop(self) -> None:
        """Ask it to end; one that waits for a backend takes its time."""
        self._process.terminate()

    def ticks(self) -> list[tuple[int, int]]:
        """Wait for its end; give due and lateness of each tick, in ns."""
        said, _ = self._process.communicate(timeout=30)
        if self._process.returncode != 0:
            raise RuntimeError(f"{self._name} failed:\n{self._log.read_text()}")
        return [(int(due), int(late)) for due, late in (line.split() for line in said.splitlines())]

    def kill(self) -> None:
        """End it now, if it has not ended."""
        self._process.kill()
        self._process.communicate()


def race(
    commands: Mapping[str, Sequence[str]], folder: Path, wait: Callable[[], object], warm_up_s: float = 2.0
) -> dict[str, Cost]:
    """Run these side by side, so that all meet the same machine; `wait` says for how long.

    What the first `warm_up_s` cost is nobody's.
    """
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(_started(commands[name], folder / f"{name}.log")) for name in commands
        }
        time.sleep(warm_up_s)
        begun, before = time.monotonic_ns(), {name: cpu_ns(each.pid) for name, each in running.items()}
        wait()
        ended, after = time.monotonic_ns(), {name: cpu_ns(each.pid) for name, each in running.items()}
        memory = {name: (rss(each.pid), _pss(each.pid)) for name, each in running.items()}
        for each in running.values():
            each.stop()
        ticks = {name: each.ticks() for name, each in running.items()}
    return {
        name: Cost(
            100 * (after[name] - before[name]) / (ended - begun),
            *memory[name],
            [late / 1e3 for due, late in ticks[name] if begun <= due < ended],
        )
        for name in running
    }


@contextmanager
def _started(command: Sequence[str], log: Path) -> Iterator[Contestant]:
    contestant = Contestant(command, log)
    try:
        yield contestant
    finally:
        contestant.kill()


def cpu_ns(pid: int) -> int:
    """Give the CPU time that a process has used so far, ns."""
    # clock_getcpuclockid(3) of another process: all its threads, those that have ended too, to the nanosecond.
    return time.clock_gettime_ns((~pid << 3) | 2)


def rss(pid: int) -> float:
    """Give a process's resident memory, MiB."""
    return _field(Path(f"/proc/{pid}/status"), "VmRSS:")


def _pss(pid: int) -> float | None:
    try:
        return _field(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")
    except OSError:
        return None


def _field(file: Path, name: str) -> float:
    line = next(line for line in file.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def loops(folder: Path, period_ms: int = 100) -> dict[str, list[str]]:
    """Give the commands of the two bare loops; without a compiler, only Python's."""
    found = {"bare Python loop": [sys.executable, str(HERE / "bare_loop.py"), str(period_ms)]}
    if compiler := shutil.which("cc"):
        program = folder / "loop"
        subprocess.run([compiler, "-O2", "-o", program, HERE / "loop.c"], check=True)
        found = {C_LOOP: [str(program), str(period_ms)], **found}
    return found


def daemon(folder: Path, name: str, *, noting: bool = False, **settings: object) -> list[str]:
    """Give the daemon's command, with default settings but for its spool and these; `noting` its lateness."""
    given = {"spool.path": folder / f"{name}.db", "log.level": "warning"}
    given |= {key.replace("__", "."): value for key, value in settings.items()}
    pairs = [f"{key}={value}" for key, value in given.items()]
    if noting:
        return [sys.executable, "-m", "bench.noting_daemon", *pairs]
    return [SAMPLER, "run", *(word for pair in pairs for word in ("--set", pair))]
