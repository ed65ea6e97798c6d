"""A short way to where devices and sensors are heard: the rooms' own code, without framework and doorman before it.

What is left out: routing, guards, receipts, metrics, limits of bodies, headers against browsers. Tests hold the
answers equal to those of the long way.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import msgspec
from litestar import Request, Response

from sampler.backend import calendars
from sampler.backend.commits import Commits
from sampler.backend.readings.buckets import get_buckets
from sampler.backend.readings.posting import Intake as ReadingsIntake
from sampler.backend.readings.posting import post_data
from sampler.backend.readings.statistics import get_statistics
from sampler.backend.settings import Settings
from sampler.backend.temperature.lottery import Lottery
from sampler.backend.temperature.routes import Intake as TemperatureIntake
from sampler.backend.temperature.routes import post_missing, post_one
from sampler.backend.web import request_id
from sampler.backend.web.problems import HANDLERS
from simulation.answer import Answer

_NAMES = frozenset({"content-type", "accept-encoding", "user-agent", "x-device", "idempotency-key"})
_OF_A_SENSOR = re.compile(r"/(statistics|buckets)(/[^/?]+)+(\?.*)?")


@dataclass(frozen=True, slots=True)
class Route:
    """A room's handler, as the framework knows it, with the parts that it asks for."""

    handler: Any
    parts: Mapping[str, object]


class ShortWay:
    """For what devices and sensors send, and what is asked about sensors; all else must take the long way."""

    def __init__(self, commits: Commits, settings: Settings) -> None:
        lottery = Lottery(settings.fail_rate, settings.fail_after, settings.seed)
        temperature = {"temperature": TemperatureIntake(commits, lottery)}
        readings = {"readings": ReadingsIntake(commits, calendars.zone(settings.zone))}
        self._max_body_bytes = settings.max_body_bytes
        self._routes = {
            "POST /api/temperature": Route(post_one, temperature),
            "POST /api/temperature/missing": Route(post_missing, temperature),
            "POST /data": Route(post_data, readings),
            "GET /statistics": Route(get_statistics, {"store": commits.store}),
            "GET /buckets": Route(get_buckets, {"store": commits.store, "settings": settings}),
        }

    def find(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Route | None:
        """Give where this request can be answered as it would be on the long way, if there is such a place."""
        if len(body) > self._max_body_bytes or not all(name.lower() in _NAMES for name in headers):
            return None
        sensor = _OF_A_SENSOR.fullmatch(path)
        return self._routes.get(f"{method} /{sensor[1]}" if sensor else f"{method} {path}")

    @staticmethod
    async def answer(route: Route, scope: Any, body: bytes) -> Answer:
        """Let the room answer, and its errors become what they become there."""
        name = request_id.begin(scope["headers"])
        request = _Request(scope)
        request.whole = body
        try:
            given = route.handler.fn(request, **route.parts)
            response = _response(await given if isawaitable(given) else given)
        except Exception as error:  # noqa: BLE001 - whatever it is has an answer
            handlers = {**HANDLERS, **(route.handler.exception_handlers or {})}
            response = _handler(error, handlers)(request, error)
        return _answer(response, name)


class _Request(Request[Any, Any, Any]):
    """The framework's, with its body there."""

    whole: bytes

    async def body(self) -> bytes:
        return self.whole

    async def stream(self) -> AsyncGenerator[bytes, None]:
        yield self.whole


def _handler(error: Exception, handlers: Mapping[Any, Any]) -> Any:
    """Find the nearest, as the framework does."""
    return next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)


def _response(given: Any) -> Response[bytes]:
    if isinstance(given, Response):
        return given
    return Response(msgspec.json.encode(given), media_type="application/json")


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
