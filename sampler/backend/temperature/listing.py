"""What came in: the stored measurements, as JSON."""

import re
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from sampler.backend import instants
from sampler.backend.store import Store
from sampler.backend.store.measurements import Range, StoredMeasurement, find
from sampler.backend.web import queries
from sampler.backend.web.problems import Invalid

DEFAULT_LIMIT = 1000
MAX_LIMIT = 10_000
_AFTER = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


class Period(msgspec.Struct):
    """Start and end, ISO 8601 in UTC."""

    start: str
    end: str


class ListedMeasurement(msgspec.Struct, omit_defaults=True):
    """A measurement in the published document's form, with who sent it under which key and when it came."""

    time: Period
    min: float
    max: float
    average: float
    device: str | None
    key: str | None
    received: str
    quality: msgspec.Raw | None = None


@get("/api/temperature", sync_to_thread=True, opt={"scope": "read"})
def get_measurements(  # noqa: PLR0913, PLR0917 - the query's parameters
    request: Request[Any, Any, Any],
    store: NamedDependency[Store],
    start: Annotated[str | None, QueryParameter(name="from")] = None,
    end: Annotated[str | None, QueryParameter(name="to")] = None,
    device: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    after: FromQuery[str | None] = None,
) -> Response[list[ListedMeasurement]]:
    """List the measurements that start in [from, to), oldest first.

    Where there are more than `limit`, the header `Link` names the next page.
    """
    queries.single(request)
    wanted = Range(limit + 1, _instant("from", start), _instant("to", end), device, _place(after))
    if wanted.start is not None and wanted.end is not None and wanted.start > wanted.end:
        raise Invalid({"to": ["It must not be before from."]})
    with store.reading() as session:
        found = find(session, wanted)
    headers = {"Link": _next_page(request, found[limit - 1])} if len(found) > limit else None
    return Response([_listed(stored) for stored in found[:limit]], headers=headers)


def _instant(name: str, value: str | None) -> int | None:
    try:
        return instants.parse(value) if value is not None else None
    except ValueError as error:
        raise Invalid({name: [f"It {error} (in an address, + is written %2B)."]}) from error


def _place(after: str | None) -> tuple[int, int] | None:
    if after is None:
        return None
    place = _AFTER.fullmatch(after)
    if not place:
        raise Invalid({"after": ["It must be taken from the Link header of the page before."]})
    return int(place[1]), int(place[2])


def _next_page(request: Request[Any, Any, Any], last: StoredMeasurement) -> str:
    query = {**dict(request.query_params.items()), "after": f"{last.measurement.start}-{last.number}"}
    return f'<{request.url.path}?{urlencode(query)}>; rel="next"'


def _listed(stored: StoredMeasurement) -> ListedMeasurement:
    m = stored.measurement
    return ListedMeasurement(
        time=Period(instants.iso(m.start), instants.iso(m.end)),
        min=m.min,
        max=m.max,
        average=m.average,
        device=stored.device or None,
        key=stored.key,
        received=instants.iso(stored.received),
        quality=msgspec.Raw(m.quality) if m.quality else None,
    )
