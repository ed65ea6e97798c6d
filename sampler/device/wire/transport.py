"""One request and its answer, over by its deadline whatever the other end does."""

import ssl
from collections.abc import Callable, Mapping
from http.client import HTTPResponse

from sampler.device.bounded import Bounded, Hung
from sampler.device.wire.answers import Answer, Unreachable
from sampler.device.wire.failures import FAILURES, unreachable
from sampler.device.wire.line import Line
from sampler.device.wire.route import Route

_LONGEST_BODY = 64 * 1024


class Transport:
    """Keeps one connection to the backend. To be used by one thread at a time."""

    def __init__(self, route: Route, timeout_s: float) -> None:
        self._route, self._timeout_s = route, timeout_s
        self._line: Line | None = None
        # In a thread of its own: a socket's time-out is for one wait, of which a name's look-up, each of
        # its addresses and a byte a second need any number.
        self._worker = Bounded("backend")

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Give the answer, with at most 64 KiB of its body. Raises Unreachable if there is none in time."""
        heads: list[Answer] = []
        try:
            line = self._ready_line()
            whole = {**self._route.headers, **headers}
            return self._worker.call(
                lambda: _exchange(line, self._route.target(path), body, whole, heads.append), self._timeout_s
            )
        except (Hung, *FAILURES) as error:
            self._hang_up()
            if heads:  # the status was there, and it decides
                return heads[0]
            raise self._explained(error) from None

    def close(self) -> None:
        """End the connection, and the thread."""
        self._hang_up()
        self._worker.close()
        if self._line:
            self._line.close()

    def _ready_line(self) -> Line:
        if self._line is None or self._line.is_hung_up:
            self._line = self._route.line(self._timeout_s)
        return self._line

    def _hang_up(self) -> None:
        if self._line:
            self._line.hang_up()

    def _explained(self, error: Exception) -> Unreachable:
        if isinstance(error, Hung):
            error = TimeoutError()
        return unreachable(error, self._route.host, self._timeout_s)


def _exchange(
    line: Line, target: str, body: bytes, headers: Mapping[str, str], announce: Callable[[Answer], None]
) -> Answer:
    """Ask and read; `announce` gets the answer without its body as soon as its headers are complete."""
    kept = False
    try:
        with _ask(line, target, body, headers) as response:
            head = Answer(response.status, response.reason, response.msg)
            announce(head)
            text = response.read(_LONGEST_BODY)
            whole = response.isclosed() and not response.length
        kept = whole and head.status >= 200 and not line.is_hung_up
        return Answer(head.status, head.phrase, head.headers, text, whole)
    finally:
        if not kept:  # what is still to come would be taken for the next answer
            line.close()


def _ask(line: Line, target: str, body: bytes, headers: Mapping[str, str]) -> HTTPResponse:
    line.make_ready()
    try:
        line.request("POST", target, body, headers)
    except (ConnectionError, ssl.SSLEOFError) as error:
        try:
            return line.getresponse()  # it may have answered before it had heard all
        except ConnectionError:
            raise error from None
    return line.getresponse()
