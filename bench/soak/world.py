"""The daemon and the backend as processes, a network between them that fails, and somebody who looks."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.contestants import REPOSITORY
from bench.soak.course import Course, Look, Plan, network
from bench.soak.size import Size
from bench.soak.sums import sums
from bench.soak.usage import Usage
from bench.soak.verdict import Verdict
from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess
from tests.faulty_proxy import FaultyProxy

FAILURES = ("--fail-rate", "0.4", "--fail-after", "0.1")
"""The second of them store what they are sent, and fail then: it comes again."""
MORE_WINDOWS = 30
"""So many has the daemon in the end for what the backend has refused until then."""


def soak(plan: Plan, folder: Path) -> Course:
    """Let it run, and then until nothing waits; give what was seen."""
    with (
        BackendProcess(folder, *FAILURES) as backend,
        FaultyProxy(backend.port) as proxy,
        _daemon(plan, folder, proxy.url) as daemon,
    ):
        looks = list(_watch(plan, daemon, proxy, backend))
        return Course(plan, looks, [_drained(plan, daemon), *sums(daemon, backend)])


def _daemon(plan: Plan, folder: Path, url: str) -> DeviceProcess:
    defaults = ("window.length_s", "window.journal_s", "retry.wait_s", "retry.wait_max_s")
    settings = {
        **dict.fromkeys(defaults),
        "sensor.path": REPOSITORY / "data/temperature.txt",
        "sensor.period_s": 0.1,
        "backend.timeout_s": max(0.5, 10.0 / plan.speed),  # the network's clock runs as ever
    }
    prefix = () if plan.speed == 1 else (sys.executable, "-m", "bench.soak.fast", str(plan.speed))
    return DeviceProcess(folder, url, settings, prefix=prefix)


def _watch(plan: Plan, daemon: DeviceProcess, proxy: FaultyProxy, backend: BackendProcess) -> Iterator[Look]:
    begun = time.monotonic()
    while (at := (time.monotonic() - begun) / plan.seconds) < 1:
        if not daemon.is_running:
            raise RuntimeError(f"the daemon has ended:\n{daemon.log}")
        proxy.switch(network(at))
        yield _look(at, daemon, backend)
        time.sleep(plan.look_s)


def _look(at: float, daemon: DeviceProcess, backend: BackendProcess) -> Look:
    return Look(
        at,
        Usage.of(daemon.pid),
        Usage.of(backend.pid),
        Size.of(daemon.spool),
        Size.of(Path(backend.database_url.removeprefix("sqlite:///"))),
        daemon.look().waiting,
        # Not by asking it: that would cost it something.
        backend.output_file.read_bytes().count(b"\n") if backend.output_file.exists() else 0,
    )


def _drained(plan: Plan, daemon: DeviceProcess) -> Verdict:
    def missing() -> int:
        status = daemon.look()
        return status.waiting + max(0, plan.windows - status.sequence)

    deadline = time.monotonic() + 30 + MORE_WINDOWS * 120 / plan.speed
    while (left := missing()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return Verdict(not left, f"drained: {left} windows left to make or deliver in the end")
