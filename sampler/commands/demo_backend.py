"""The backend of `sampler demo`, as a process that ends when the demo does, however the demo ends."""

import os
import signal
import sys
from threading import Thread

from sampler.backend.command import backend


def end_with_parent() -> None:
    """Wait for the end of the pipe that the parent holds, which the kernel closes even for one that is killed."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=end_with_parent, daemon=True).start()
    backend(prog_name="sampler backend")
