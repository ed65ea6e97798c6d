"""So many at once, and so many a second."""

import time
from collections.abc import Callable


class Allowance:
    """Lets `burst` pass at once, and as time goes by `per_second` more."""

    def __init__(
        self, burst: int, per_second: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._monotonic = monotonic
        self._left = float(burst)
        self._seen = monotonic()

    def take(self) -> bool:
        """Whether one more may pass."""
        now = self._monotonic()
        self._left = min(self._burst, self._left + (now - self._seen) * self._per_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
