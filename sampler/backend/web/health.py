"""Whether the backend can do its work: for supervisors, load balancers and people."""

import asyncio

from litestar import get
from litestar.di import NamedDependency

from sampler.backend.commits import Commits
from sampler.backend.store import StoreUnavailable

_PATIENCE_S = 2.0


@get("/healthz", status_code=204)
async def healthz(commits: NamedDependency[Commits]) -> None:
    """Answer 204 if a commit reaches the disk now, 503 if not."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await commits.probe()
    except TimeoutError:
        raise StoreUnavailable("the disk is too slow") from None


ROUTES = [healthz]
