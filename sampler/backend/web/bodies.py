"""A request's JSON array, read while it arrives."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request

from sampler.backend.web.arrays import Elements
from sampler.backend.web.objects import Element


async def pieces(
    request: Request[Any, Any, Any], elements: Elements[Element]
) -> AsyncIterator[list[Element]]:
    """Give the elements in pieces of about 64 KiB, and other requests their turn after each.

    `elements` knows, as far as the body was read, how many there were and its fingerprint. Raises Invalid, and 413
    for a body beyond the handler's `request_max_body_size`: at once if the client says how long it is.
    """
    async for chunk in request.stream():
        for piece in elements.feed(chunk):
            yield piece
            await asyncio.sleep(0)
    yield elements.end()
