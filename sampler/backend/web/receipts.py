"""What was refused, to be looked at: the ledger, page by page."""

import asyncio
import re
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from sampler.backend import instants
from sampler.backend.store import Store
from sampler.backend.store.receipts import Place, Receipt, Wanted, find
from sampler.backend.web import queries
from sampler.backend.web.ledger import Ledger
from sampler.backend.web.problems import Invalid

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
_PLACE = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


class ListedReceipt(msgspec.Struct):
    """A refusal: when, what, why, and the beginning of the body."""

    time: str
    method: str
    endpoint: str
    path: str
    status: int
    who: str | None
    reason: str
    body: str
    request_id: str


@get("/receipts", opt={"scope": "admin"})
async def get_receipts(  # noqa: PLR0913, PLR0917 - the query's parameters
    request: Request[Any, Any, Any],
    store: NamedDependency[Store],
    ledger: NamedDependency[Ledger],
    start: Annotated[str | None, QueryParameter(name="from")] = None,
    end: Annotated[str | None, QueryParameter(name="to")] = None,
    endpoint: FromQuery[str | None] = None,
    who: FromQuery[str | None] = None,
    status: Annotated[str | None, QueryParameter(pattern="^4[0-9][0-9]$")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    before: FromQuery[str | None] = None,
) -> Response[list[ListedReceipt]]:
    """List what was refused in [from, to), the newest first.

    Where there are more than `limit`, the header `Link` names the next page.
    """
    queries.single(request)
    span = (_instant("from", start), _instant("to", end))
    wanted = Wanted(limit + 1, *span, endpoint, who, int(status) if status else None, _place(before))
    await ledger.settled()
    found = await asyncio.to_thread(_found, store, wanted)
    headers = {"Link": _next_page(request, found[limit - 1][0])} if len(found) > limit else None
    return Response([listed(receipt) for _, receipt in found[:limit]], headers=headers)


def _found(store: Store, wanted: Wanted) -> list[tuple[Place, Receipt]]:
    with store.reading() as session:
        return find(session, wanted)


def listed(receipt: Receipt) -> ListedReceipt:
    """Write a receipt for people and programs."""
    r = receipt
    time, body = instants.iso(r.at), r.body.decode(errors="replace")
    return ListedReceipt(time, r.method, r.endpoint, r.path, r.status, r.who, r.reason, body, r.request_id)


def _instant(name: str, value: str | None) -> int | None:
    try:
        return instants.parse(value) if value is not None else None
    except ValueError as error:
        raise Invalid({name: [f"It {error} (in an address, + is written %2B)."]}) from error


def _place(before: str | None) -> Place | None:
    if before is None:
        return None
    place = _PLACE.fullmatch(before)
    if not place:
        raise Invalid({"before": ["It must be taken from the Link header of the page before."]})
    return int(place[1]), int(place[2])


def _next_page(request: Request[Any, Any, Any], last: Place) -> str:
    query = {**dict(request.query_params.items()), "before": f"{last[0]}-{last[1]}"}
    return f'<{request.url.path}?{urlencode(query)}>; rel="next"'


ROUTES = [get_receipts]
