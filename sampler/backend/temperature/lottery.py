"""Failures on purpose: what the published backend does to four requests in ten."""

import random
from dataclasses import dataclass


class WantedFailure(Exception):  # noqa: N818 - it is no error of ours
    """The lottery lost: answer 500, as the operator asked for with --fail-rate or --fail-after."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request's luck: whether it fails before anything is stored, and whether after."""

    before: bool
    after: bool

    def fail_before(self) -> None:
        """Raise WantedFailure if this request shall fail with nothing stored."""
        if self.before:
            raise WantedFailure("--fail-rate: nothing was stored")

    def fail_after(self) -> None:
        """Raise WantedFailure if this request shall fail although it is stored."""
        if self.after:
            raise WantedFailure("--fail-after: it was stored nevertheless")


class Lottery:
    """Draws independently for each request; the same seed gives the same requests the same luck."""

    def __init__(self, fail_rate: float = 0.0, fail_after: float = 0.0, seed: int | None = None) -> None:
        self._fail_rate = fail_rate
        self._fail_after = fail_after
        self._random = random.Random(seed)  # noqa: S311 - luck, not secrets

    def draw(self) -> Ticket:
        """Draw for one request."""
        # Both always, so that changing one rate leaves the other's luck as it was.
        return Ticket(self._random.random() < self._fail_rate, self._random.random() < self._fail_after)
