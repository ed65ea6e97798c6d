"""A line in the log for each request that was answered with an error, but not for each of a flood."""

import logging
from contextvars import Context

from sampler.backend.shown import shown
from sampler.backend.web.allowance import Allowance
from sampler.backend.web.ledger import reason
from sampler.backend.web.visit import GONE, Visit

log = logging.getLogger(__name__)

_ALREADY_TOLD = 500
"""A fault of ours is in the log with its trace, and what `--fail-rate` wants is none."""
_MAX_WORDS = 500


class Refusals:
    """Tells which requests were refused and why, and of those that were too many how many there were."""

    def __init__(self, allowance: Allowance | None = None) -> None:
        self._allowance = allowance or Allowance(burst=60, per_second=1.0)
        self._untold = 0

    def note(self, visit: Visit) -> None:
        """Tell of a request that has ended, if it was answered 400 or above."""
        if visit.status >= 400 and visit.status not in {GONE, _ALREADY_TOLD}:
            self.tell(visit.status, f"{visit.method} {visit.path}", visit.answer)

    def tell(self, status: int, what: str, answer: bytes) -> None:
        """Tell that this was answered so, unless too much was told just now."""
        if not self._allowance.take():
            self._untold += 1
            return
        if self._untold:
            # Outside of the request: the line is not about this one, and must not have its name.
            Context().run(log.warning, "%d more were refused meanwhile", self._untold)
            self._untold = 0
        log.warning("%d %s: %s", status, _line(what), _line(reason(answer)))


def _line(text: str) -> str:
    """Give so much of it as fits into a line, and nothing that could be taken for the next."""
    return shown(text[:_MAX_WORDS])
