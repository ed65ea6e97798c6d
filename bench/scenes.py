"""What the daemon is watched at: nothing to do, a backend that hangs, a backlog that drains."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from bench.contestants import Cost, daemon, loops, race
from sampler.device.adc import Adc
from sampler.device.clock import NS
from sampler.device.spool import Spool
from sampler.device.window import Window
from tests.backend_process import BackendProcess

FILE = "sampler run"
IIO = "sampler run, IIO source"
HANGS = "sampler run, backend hangs"
DRAINS = "sampler run, backlog drains"

LENGTH = 120 * NS
NOBODY = "http://127.0.0.1:9"
LONGEST_DRAIN_S = 60.0


def side_by_side(folder: Path, seconds: float) -> dict[str, Cost]:
    """Let the bare loops and daemons with default settings tick side by side."""
    channel = folder / "in_voltage0_raw"
    channel.write_text("2048\n")
    backlog(folder / "hangs.db", 20)
    with black_hole() as hole:
        commands = {
            **loops(folder),
            FILE: daemon(folder, "file", backend__url=NOBODY),
            IIO: daemon(folder, "iio", backend__url=NOBODY, sensor__source="iio", sensor__path=channel),
            HANGS: daemon(folder, "hangs", noting=True, backend__url=hole, window__length_s=10.0),
            "twin": daemon(folder, "twin", noting=True, backend__url=NOBODY),
        }
        costs = race(commands, folder, lambda: time.sleep(seconds))
    # CPU and memory are those of the untouched command, lateness that of its twin.
    costs[FILE] = replace(costs[FILE], late=costs.pop("twin").late)
    return costs


def drain(folder: Path, count: int) -> dict[str, Cost]:
    """Let a backlog drain into a real backend, beside the bare loops.

    A reading is due every 10 ms, not 100: the drain takes too short for a hundredth of the others to mean much.
    """
    backlog(folder / "drains.db", count)
    with BackendProcess(folder) as backend:
        noting = daemon(folder, "drains", noting=True, backend__url=backend.url, sensor__period_s=0.01)
        commands = {**loops(folder, 10), DRAINS: noting}
        return race(commands, folder, lambda: _await(backend.output_file, count), warm_up_s=1.0)


def backlog(spool: Path, count: int) -> None:
    """Fill a new spool with measurements that wait, as an outage until an hour ago would have left them."""
    with closing(Spool(spool, 262_800)) as filled:
        start = time.time_ns() - 3600 * NS - count * LENGTH
        filled.add(_window(number, start + number * LENGTH) for number in range(count))


def _window(number: int, start: int) -> Window:
    opened = number * LENGTH
    window = Window(Adc(), "another boot", opened, opened + LENGTH, NS // 10, start - opened, start)
    window.take(number % 4096)
    return window


@contextmanager
def black_hole() -> Iterator[str]:
    """Give the address of a backend that takes connections and requests, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        yield f"http://127.0.0.1:{hole.getsockname()[1]}"


def _await(file: Path, lines: int) -> None:
    deadline = time.monotonic() + LONGEST_DRAIN_S
    while not file.exists() or file.read_bytes().count(b"\n") < lines:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the backlog has not drained within {LONGEST_DRAIN_S:g} s")
        time.sleep(0.1)
