"""What came in: the stored measurements, as JSON."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from sampler.backend import instants
from sampler.backend.store import Store
from sampler.backend.store.measurements import Range, StoredMeasurement, find
from sampler.backend.web import paging, queries
from sampler.backend.web.problems import Invalid

DEFAULT_LIMIT = 1000
MAX_LIMIT = 10_000


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
def get_measurements(
    request: Request[Any, Any, Any],
    store: NamedDependency[Store],
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Response[list[ListedMeasurement]]:
    """List the measurements that start in [from, to), oldest first, of all devices or of `device`.

    Where there are more than `limit`, the header `Link` names the next page.
    """
    wanted = _wanted(queries.single(request), limit + 1)
    with store.reading() as session:
        found = find(session, wanted)
    headers = None
    if len(found) > limit:
        last = found[limit - 1]
        headers = paging.next_page(request, after=paging.written((last.measurement.start, last.number)))
    return Response([_listed(stored) for stored in found[:limit]], headers=headers)


def _wanted(query: Mapping[str, str], limit: int) -> Range:
    start, end = (queries.optional(query, name, _instant) for name in ("from", "to"))
    if start is not None and end is not None and start > end:
        raise Invalid({"to": ["It must not be before from."]})
    device = queries.optional(query, "device", queries.printable)
    return Range(limit, start, end, device, queries.optional(query, "after", paging.place))


def _instant(text: str) -> int:
    return instants.parse(queries.time(text))


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
