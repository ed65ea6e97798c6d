"""Whether the backend can do its work: for supervisors, load balancers and people."""

import asyncio

from litestar import get
from litestar.di import NamedDependency

from sampler.backend.commits import Commits
from sampler.backend.store import StoreUnavailable

_PATIENCE_S = 2.0


class Readiness:
    """Whether it makes sense to send requests here."""

    def __init__(self, commits: Commits) -> None:
        self._commits = commits
        self._stopping = False

    def stop(self) -> None:
        """Say from now on that it does not."""
        self._stopping = True

    async def probe(self) -> None:
        """Return if a commit reaches the disk now; raises StoreUnavailable."""
        if self._stopping:
            raise StoreUnavailable("shutting down")
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._commits.probe()
        except TimeoutError:
            raise StoreUnavailable("the disk is too slow") from None


@get("/healthz", status_code=204, opt={"scope": None})
async def healthz(readiness: NamedDependency[Readiness]) -> None:
    """Answer 204 if requests are welcome, 503 if not."""
    await readiness.probe()


@get("/livez", status_code=204, opt={"scope": None})
async def livez() -> None:
    """Answer 204 while there is anybody to answer."""


ROUTES = [healthz, livez]
