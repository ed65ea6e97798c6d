"""One POST: delivered, or an error that says what to do next."""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sampler.device.config import BackendConfig
from sampler.device.kept import Kept
from sampler.device.wire.answers import Answer, Rejected, Unreachable, judge
from sampler.device.wire.route import Route
from sampler.device.wire.transport import Transport
from sampler.measurement import AverageKey

__all__ = ["Client", "Rejected", "Unreachable"]

# Written here, and held equal to the package's by a test: asking importlib.metadata for it costs 2 MB.
USER_AGENT = "sampler/0.1.0"
_CURRENT = "/api/temperature"
_MISSING = "/api/temperature/missing"
_AS_IT_IS = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # all that prints, without the percent sign

log = logging.getLogger("sampler.delivery")


class Client:
    """Sends measurements to one backend, over one kept connection. To be used by one thread at a time.

    Each method returns when the backend has answered 2xx, and raises Unreachable or Rejected otherwise.
    """

    def __init__(
        self, backend: BackendConfig, device: str, transport: Callable[[Route, float], Transport] = Transport
    ) -> None:
        self._backend = backend
        self._device = quote(device, safe=_AS_IT_IS)
        self._negotiates = backend.average_key == "auto"
        self._form: AverageKey = "average" if backend.average_key == "auto" else backend.average_key
        route = Route(backend.url, backend.proxy, backend.ca_file, backend.cert_file, backend.key_file)
        self._transport = transport(route, backend.timeout_s)

    def send(self, kept: Kept) -> None:
        """Deliver the current measurement."""
        self._deliver(_CURRENT, [kept])

    def send_missing(self, kept: Sequence[Kept]) -> None:
        """Deliver measurements that failed before, in this order; the backend takes all of them or none."""
        self._deliver(_MISSING, kept)

    def probe(self) -> None:
        """Ask the backend whether it would take measurements: an empty array stores nothing."""
        self._deliver(_MISSING, [])

    def close(self) -> None:
        """Give the connection up."""
        self._transport.close()

    def _deliver(self, path: str, kept: Sequence[Kept]) -> None:
        answer = self._post(path, kept, self._form)
        # Cut in the middle, a 400 may have been that complaint; both names are taken everywhere.
        if self._negotiates and (answer.wants_avg or (answer.status == 400 and not answer.whole)):
            asked = answer.wants_avg
            answer = self._post(path, kept, "both")
            if asked and not answer.wants_avg:
                self._send_both_from_now_on()
        judge(answer, datetime.now(UTC))

    def _send_both_from_now_on(self) -> None:
        self._form, self._negotiates = "both", False
        log.info("the backend wants 'avg': sending both names from now on")

    def _post(self, path: str, kept: Sequence[Kept], form: AverageKey) -> Answer:
        documents = [self._document(one, form) for one in kept]
        body = json.dumps(documents if path == _MISSING else documents[0], separators=(",", ":"))
        return self._transport.post(path, body.encode(), self._headers(kept))

    def _document(self, kept: Kept, form: AverageKey) -> dict[str, Any]:
        quality = {"quality": kept.quality.as_json()} if self._backend.quality else {}
        return {**kept.measurement.as_json(form), **quality}

    def _headers(self, kept: Sequence[Kept]) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": USER_AGENT,
            "X-Device": self._device,
        }
        if kept:
            headers["Idempotency-Key"] = ", ".join(one.key for one in kept)
        if self._backend.token_file:
            headers["Authorization"] = f"Bearer {_token(self._backend.token_file)}"
        return headers


def _token(path: Path) -> str:
    """Read the token, anew for each request: it is replaced while the daemon runs. Raises Unreachable."""
    try:
        token = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Unreachable(f"backend.token_file {path}: {error.strerror}", retry=False) from None
    except UnicodeDecodeError:
        token = ""
    if not token or not token.isprintable():
        raise Unreachable(f"backend.token_file {path}: no token in it", retry=False)
    return token
