"""What was refused, to be looked at: the ledger, page by page."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from sampler.backend import instants
from sampler.backend.store import Store
from sampler.backend.store.receipts import Place, Receipt, Wanted, find
from sampler.backend.web import paging, queries
from sampler.backend.web.ledger import Ledger

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


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
async def get_receipts(
    request: Request[Any, Any, Any],
    store: NamedDependency[Store],
    ledger: NamedDependency[Ledger],
    status: Annotated[str | None, QueryParameter(pattern="^4[0-9][0-9]$")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Response[list[ListedReceipt]]:
    """List what was refused in [from, to), the newest first, at `endpoint`, of `who`, with `status`.

    Where there are more than `limit`, the header `Link` names the next page.
    """
    wanted = _wanted(queries.single(request), limit + 1, int(status) if status else None)
    await ledger.settled()
    found = await asyncio.to_thread(_found, store, wanted)
    headers = None
    if len(found) > limit:
        headers = paging.next_page(request, before=paging.written(found[limit - 1][0]))
    return Response([listed(receipt) for _, receipt in found[:limit]], headers=headers)


def _wanted(query: Mapping[str, str], limit: int, status: int | None) -> Wanted:
    start, end = (queries.optional(query, name, _instant) for name in ("from", "to"))
    before = queries.optional(query, "before", paging.place)
    endpoint, who = (queries.optional(query, name, queries.printable) for name in ("endpoint", "who"))
    return Wanted(limit, start, end, endpoint, who, status, before)


def _instant(text: str) -> int:
    return instants.parse(queries.time(text))


def _found(store: Store, wanted: Wanted) -> list[tuple[Place, Receipt]]:
    with store.reading() as session:
        return find(session, wanted)


def listed(receipt: Receipt) -> ListedReceipt:
    """Write a receipt for people and programs."""
    r = receipt
    time, body = instants.iso(r.at), r.body.decode(errors="replace")
    return ListedReceipt(time, r.method, r.endpoint, r.path, r.status, r.who, r.reason, body, r.request_id)


ROUTES = [get_receipts]
