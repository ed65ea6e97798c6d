"""From the start of the process to its first reading."""

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from bench.contestants import daemon

PATIENCE_S = 20


def start_s(folder: Path) -> float:
    """Start the daemon on a new spool; give the seconds until it opens its source, which it does to read."""
    source = folder / "source"
    os.mkfifo(source)
    begun = time.perf_counter()
    with (folder / "start.log").open("wb") as log:
        process = subprocess.Popen(daemon(folder, "start", sensor__path=source), stderr=log)
    try:
        _await_reader(source)
        return time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(30)


def _await_reader(fifo: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(OSError):  # nobody reads it yet
            os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
            return
        time.sleep(0.001)
    raise TimeoutError(f"no reading within {PATIENCE_S} s of the start")
