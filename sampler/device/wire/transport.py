"""One request and its answer, over by its deadline whatever the other end does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from sampler.device.bounded import Bounded, Hung
from sampler.device.wire.answers import Answer
from sampler.device.wire.failures import FAILURES, unreachable
from sampler.device.wire.line import Line
from sampler.device.wire.route import Route
from sampler.device.wire.session import Session
from sampler.device.wire.slim import requests

_LONGEST_BODY = 64 * 1024


class Transport:
    """Keeps one connection to the backend. To be used by one thread at a time."""

    def __init__(self, route: Route, timeout_s: float) -> None:
        self._route, self._timeout_s = route, timeout_s
        self._line = Line()
        self._session: Session | None = None
        # In a thread of its own: a time-out of requests is for one wait on the network, of which a name's
        # look-up, each of its addresses and a byte a second need any number.
        self._worker = Bounded("backend")

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Give the answer, with at most 64 KiB of its body. Raises Unreachable if there is none in time."""
        heads: list[Answer] = []
        try:
            ask = partial(self._opened().post, self._route.address(path), body, headers=headers)
            answer = self._worker.call(
                lambda: _answer(ask(timeout=self._timeout_s, stream=True), heads.append), self._timeout_s
            )
        except (Hung, *FAILURES) as error:
            self._hang_up()
            if heads:  # the status was there, and it decides
                return heads[0]
            # Not by a name for the cause: it would outlast `error`, and make a ring with this frame.
            raise unreachable(
                TimeoutError() if isinstance(error, Hung) else error, self._route.host, self._timeout_s
            ) from None
        if answer.status < 200:  # the real one is still to come, and would be taken for the next request's
            self._hang_up()
        return answer

    def close(self) -> None:
        """End the connection, and the thread."""
        self._hang_up()
        self._worker.close()

    def _opened(self) -> Session:
        if self._session is None:
            self._line = Line()
            self._session = Session(self._line, self._route.tls, self._route.proxies)
        return self._session

    def _hang_up(self) -> None:
        self._line.hang_up()
        if self._session:
            self._session.close()
        self._session = None


def _answer(response: requests.Response, announce: Callable[[Answer], None]) -> Answer:
    """Read it; `announce` gets the answer without its body at once."""
    with response:  # closes the connection over what is left of the body
        head = Answer(response.status_code, response.reason or "", response.headers)
        announce(head)
        text = response.raw.read(_LONGEST_BODY + 1, decode_content=False)
        whole = len(text) <= _LONGEST_BODY and not response.raw.length_remaining
    return replace(head, body=text[:_LONGEST_BODY], whole=whole)
