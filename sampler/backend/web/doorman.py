"""Stands around the whole application: names each request, waits for it patiently, and lets no error out."""

import logging
from collections.abc import Callable, Sequence

from sampler.backend.web import problems, request_id
from sampler.backend.web.capacity import Capacity, Share
from sampler.backend.web.refusals import Refusals
from sampler.backend.web.visit import (
    App,
    Ended,
    Header,
    Patience,
    Receive,
    Scope,
    Send,
    TooSlow,
    Visit,
)

log = logging.getLogger(__name__)

_SAFE: Sequence[Header] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""What keeps a browser from making more of an answer than it is; a page says itself what it needs."""


def headers_of_each(name: str) -> list[Header]:
    """Give the headers that every answer has, to the request of this name."""
    return [(b"x-request-id", name.encode()), *_SAFE]


class Doorman:
    """The application as the server sees it.

    What is answered with an error is told to the log by `refusals`, which the server has for what is no request, too.
    Each request's end is told to all of `ended`, which must not raise; the server calls `stop` when it knows
    that it will end.
    """

    def __init__(
        self,
        app: App,
        ended: Sequence[Ended] = (),
        stop: Callable[[], None] = lambda: None,
        patience: Patience | None = None,
        capacity: Capacity | None = None,
    ) -> None:
        self.in_flight = 0
        self.stop = stop
        self.refusals = Refusals()
        self._app = app
        self._ended = ended
        self._patience = patience or Patience()
        self._capacity = capacity or Capacity()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = request_id.begin(scope["headers"])
        headers = headers_of_each(name)
        visit = Visit(_readable(scope), receive, send, name, headers, self._patience, self._tell)
        share = Share(self._capacity, scope["headers"], visit.receive, visit.send)
        self.in_flight += 1
        try:
            await self._app(visit.scope, share.receive, share.send)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told here and nowhere else
            await _fail(visit, error)
        finally:
            self.in_flight -= 1
            share.leave()
            visit.end()

    def _tell(self, visit: Visit) -> None:
        self.refusals.note(visit)
        for told in self._ended:
            told(visit)


def _readable(scope: Scope) -> Scope:
    """Take HEAD for GET: the server, which has the scope itself, sends no body then."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


async def _fail(visit: Visit, error: Exception) -> None:
    """Answer what the application did not; of an answer that has begun the rest is left out.

    The server cuts the connection then.
    """
    if visit.gone:
        return
    if not isinstance(error, TooSlow):
        log.error("%s %s failed", visit.method, visit.path, exc_info=error)
    if not visit.started:
        await (_answer(visit, 408, str(error)) if isinstance(error, TooSlow) else _answer(visit, 500))


async def _answer(visit: Visit, status: int, detail: str | None = None) -> None:
    body = problems.body(status, detail)
    headers = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await visit.send({"type": "http.response.start", "status": status, "headers": headers})
    await visit.send({"type": "http.response.body", "body": body, "more_body": False})
