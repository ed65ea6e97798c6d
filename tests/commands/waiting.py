"""Waits for something to become true, and not a moment longer."""

import time
from collections.abc import Callable

PATIENCE_S = 20.0


def wait_until(true: Callable[[], bool]) -> None:
    """Look every 50 ms, and fail after 20 s."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it has not come true"
        time.sleep(0.05)
