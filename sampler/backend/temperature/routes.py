"""The two endpoints that devices post their temperatures to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar import MediaType, Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException

from sampler.backend import instants
from sampler.backend.commits import Commits
from sampler.backend.store import measurements as table
from sampler.backend.store.measurements import Delivery, Measurement
from sampler.backend.temperature import identity
from sampler.backend.temperature.documents import read_many, read_one
from sampler.backend.temperature.listing import get_measurements
from sampler.backend.temperature.lottery import Lottery

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
        _refuse_other_than_json(request)
        measurements = read(await request.body())
        keys = identity.keys(request.headers, len(measurements))
        delivery = Delivery(measurements, keys, identity.device(request.headers), instants.now())
        # Behind the validation, as in the published backend: an invalid request is never worth repeating.
        ticket = self.lottery.draw()
        ticket.fail_before()
        if measurements:
            await self.commits.write(lambda session: table.add(session, delivery), then=self.stored)
        ticket.fail_after()


@post("/api/temperature", status_code=200, opt={"scope": "write:A"})
async def post_one(request: AnyRequest, intake: NamedDependency[Intake]) -> Response[bytes]:
    """Store one measurement."""
    await intake.take(request, read_one)
    return _NOTHING


@post("/api/temperature/missing", status_code=200, opt={"scope": "write:A"})
async def post_missing(request: AnyRequest, intake: NamedDependency[Intake]) -> Response[bytes]:
    """Store an array of measurements, all of them or none."""
    await intake.take(request, read_many)
    return _NOTHING


def _refuse_other_than_json(request: AnyRequest) -> None:
    media_type, _ = request.content_type
    if not (media_type in {"application/json", "text/json"} or _is_structured_json(media_type)):
        raise HTTPException("The Content-Type must be application/json.", status_code=415)


def _is_structured_json(media_type: str) -> bool:
    return media_type.startswith("application/") and media_type.endswith("+json")


ROUTES = [post_one, post_missing, get_measurements]
