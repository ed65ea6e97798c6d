"""Sensor truth: a code that never changes is more often a wire than a temperature. Changes no number. Pure."""

from sampler.device.clock import NS

RAIL = 10 * NS
"""How long a code may stand at either end of the scale before a wire is suspected, ns."""


class Suspicion:
    """Tells once when a sensor seems open, short or stuck, and once when that is over."""

    def __init__(self, full_scale: int, stuck: int) -> None:
        self._rails = (0, full_scale)
        self._stuck = stuck
        self._code = -1
        self._since = 0
        self._told = False

    def see(self, code: int, now: int) -> str | None:
        """Look at a good code read at an instant, ns. Gives a sentence if something is to be told."""
        if code != self._code:
            ended, lasted = self._told, (now - self._since) / NS
            former, self._code, self._since, self._told = self._code, code, now, False
            return f"the sensor moves again: code {former} stood for {lasted:.0f} s" if ended else None
        patience = min(RAIL, self._stuck) if code in self._rails else self._stuck
        if self._told or now - self._since < patience:
            return None
        self._told = True
        suspect = "open or short" if code in self._rails else "stuck"
        return f"the sensor may be {suspect}: code {code} for {(now - self._since) / NS:.0f} s"
