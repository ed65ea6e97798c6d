"""The two endpoints that devices post their temperatures to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import MediaType, Request, Response, post
from litestar.di import NamedDependency

from sampler.backend import instants
from sampler.backend.commits import Commits
from sampler.backend.store import measurements as table
from sampler.backend.store.measurements import Conflict, Delivery, Measurement
from sampler.backend.temperature import identity
from sampler.backend.temperature.documents import read_many, read_one
from sampler.backend.temperature.listing import get_measurements
from sampler.backend.temperature.lottery import Lottery, WantedFailure
from sampler.backend.web import asker, tally
from sampler.backend.web.media import refuse_other_than_json
from sampler.backend.web.problems import problem

AnyRequest = Request[Any, Any, Any]
_NOTHING = Response(b"", media_type=MediaType.TEXT)


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes a request's measurements in: read, drawn for, and on the disk when it returns."""

    commits: Commits
    lottery: Lottery
    stored: Callable[[list[Measurement]], None] = lambda _: None
    """Gets what was new, after its commit."""

    async def take(self, request: AnyRequest, read: Callable[[bytes], list[Measurement]]) -> None:
        """Raise what the request is to be answered with, unless it is stored."""
        device = identity.device(request.headers)
        if device:
            asker.note(request, f"device {device}")
        refuse_other_than_json(request)
        measurements = read(await request.body())
        keys = identity.keys(request.headers, len(measurements))
        delivery = Delivery(measurements, keys, device, instants.now())
        # Behind the validation, as in the published backend: an invalid request is never worth repeating.
        ticket = self.lottery.draw()
        ticket.fail_before()
        if measurements:
            new = await self.commits.write(lambda session: table.add(session, delivery), then=self.stored)
            tally.note(request, "measurements", len(new))
        ticket.fail_after()


def _conflict(_: AnyRequest, error: Conflict) -> Response[bytes]:
    return problem(422, str(error))


def _wanted_failure(_: AnyRequest, error: WantedFailure) -> Response[bytes]:
    return problem(500, str(error))


_POSTED: dict[str, Any] = {
    "status_code": 200,
    "opt": {"scope": "write:A"},
    "exception_handlers": {Conflict: _conflict, WantedFailure: _wanted_failure},
}


@post("/api/temperature", **_POSTED)
async def post_one(request: AnyRequest, temperature: NamedDependency[Intake]) -> Response[bytes]:
    """Store one measurement."""
    await temperature.take(request, read_one)
    return _NOTHING


@post("/api/temperature/missing", **_POSTED)
async def post_missing(request: AnyRequest, temperature: NamedDependency[Intake]) -> Response[bytes]:
    """Store an array of measurements, all of them or none."""
    await temperature.take(request, read_many)
    return _NOTHING


ROUTES = [post_one, post_missing, get_measurements]
