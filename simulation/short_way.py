"""A short way to where devices post: the room's own code, without the framework and the doorman before it.

What is left out: routing, guards, receipts, metrics, limits of bodies, headers against browsers. Tests hold the
answers equal to those of the long way.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

from sampler.backend.temperature.routes import Intake, post_missing, post_one
from sampler.backend.web import request_id
from sampler.backend.web.problems import HANDLERS
from simulation.answer import Answer

_ROUTES = {"/api/temperature": post_one, "/api/temperature/missing": post_missing}
_NAMES = frozenset({"content-type", "accept-encoding", "user-agent", "x-device", "idempotency-key"})


class ShortWay:
    """For what devices send; all else must take the long way."""

    def __init__(self, intake: Intake, max_body_bytes: int) -> None:
        self._intake = intake
        self._max_body_bytes = max_body_bytes

    def leads_to(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether this request can be answered here as it would be there."""
        return (
            method == "POST"
            and path in _ROUTES
            and len(body) <= self._max_body_bytes
            and all(name.lower() in _NAMES for name in headers)
        )

    async def answer(self, path: str, scope: Any, body: bytes) -> Answer:
        """Let the room answer, and its errors become what they become there."""
        name = request_id.begin(scope["headers"])
        request, route = _Request(scope), _ROUTES[path]
        request.whole = body
        try:
            response = await route.fn(request, temperature=self._intake)
        except Exception as error:  # noqa: BLE001 - whatever it is has an answer
            response = _handler(error, {**HANDLERS, **(route.exception_handlers or {})})(request, error)
        return _answer(response, name)


class _Request(Request[Any, Any, Any]):
    """The framework's, with its body there."""

    whole: bytes

    async def body(self) -> bytes:
        return self.whole


def _handler(error: Exception, handlers: Mapping[Any, Any]) -> Any:
    """Find the nearest, as the framework does."""
    return next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)


def _answer(response: Response[bytes], name: str) -> Answer:
    media_type = str(response.media_type and getattr(response.media_type, "value", response.media_type))
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    headers = {
        **{name.lower(): value for name, value in response.headers.items()},
        "content-type": media_type + charset,
        "content-length": str(len(response.content)),
        "x-request-id": name,
    }
    return Answer(response.status_code or 200, headers, response.content)
