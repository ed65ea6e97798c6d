"""Something that lasts, told twice: one log line when it begins, one when it is over."""

import logging

from sampler.device.clock import NS


class Episode:
    """Logs on the change. It is over when `calm` ns have passed without its sign, so that a flutter is one episode."""

    def __init__(self, log: logging.Logger, calm: int) -> None:
        self._log = log
        self._calm = calm
        self._kinds: dict[str, int] = {}
        self._since = self._last = 0

    def sign(self, now: int, kind: str, text: str) -> None:
        """See its sign at an instant, ns: the first of each kind is told."""
        if kind not in self._kinds:
            self._log.warning("%s", text)
        self._since = self._since if self._kinds else now
        self._kinds[kind] = self._kinds.get(kind, 0) + 1
        self._last = now

    def quiet(self, now: int, text: str) -> None:
        """See no sign of it. Once it has been calm for long enough its end is told, with its length and counts."""
        if self._kinds and now - self._last >= self._calm:
            counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in self._kinds.items())
            self._log.info("%s: %s in %.0f s", text, counts, (self._last - self._since) / NS)
            self._kinds.clear()
