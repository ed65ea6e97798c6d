"""Where rows are posted to."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.response import Stream

from sampler.backend.environment import documents, intake
from sampler.backend.environment.intake import Intake
from sampler.backend.store import Store
from sampler.backend.store.environment import batches
from sampler.backend.store.environment.batches import Batch
from sampler.backend.web import bodies, repetition, tally
from sampler.backend.web.arrays import Elements
from sampler.backend.web.media import refuse_other_than_json

MAX_BODY_BYTES = 64 * 1024 * 1024
_AT_ONCE = 1000
_JSON = "application/json"


@post("/v1/data", status_code=201, request_max_body_size=MAX_BODY_BYTES)
async def post_data(
    request: Request[Any, Any, Any],
    user: NamedDependency[int],
    store: NamedDependency[Store],
    environment: NamedDependency[Intake],
) -> Response[bytes] | Stream:
    """Store the user's rows, all of them or none, and give them back with their numbers."""
    refuse_other_than_json(request)
    elements = Elements(documents.POSTED, documents.MAX_ROWS)
    answer = await environment.take(
        user,
        bodies.pieces(request, elements),
        lambda: repetition.of_fingerprint(request, elements.fingerprint, f"user {user}"),
    )
    tally.note(request, "rows", elements.count)
    batch = intake.kept_apart(answer)
    if batch is None:
        return repetition.response(answer)
    return Stream(_written(store, batch), status_code=answer.status, media_type=_JSON)


async def _written(store: Store, batch: Batch) -> AsyncIterator[bytes]:
    """Write the rows of a batch as an array, holding few of them."""
    after, begin = batch.number, b"["
    while found := await asyncio.to_thread(_some, store, batch, after):
        after, rows = found
        yield begin + rows
        begin = b","
    yield b"]"


def _some(store: Store, batch: Batch, after: int) -> tuple[int, bytes] | None:
    """Give the last number of the next rows, and the rows without brackets; None behind the last."""
    with store.reading() as session:
        found = batches.page(session, batch, after, _AT_ONCE)
    return (found[-1].number, msgspec.json.encode(documents.rows(found))[1:-1]) if found else None
