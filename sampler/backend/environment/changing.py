"""Where a row is given other values."""

from typing import Any

from litestar import Request, put
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from sampler.backend.commits import Commits
from sampler.backend.environment import documents
from sampler.backend.environment.documents import Row
from sampler.backend.environment.listing import named
from sampler.backend.store import HIGHEST, Session
from sampler.backend.store.environment import rows as table
from sampler.backend.store.environment.rows import Stored
from sampler.backend.web import queries
from sampler.backend.web.media import refuse_other_than_json

MAX_BODY_BYTES = 16 * 1024


@put("/v1/data/{id:path}", request_max_body_size=MAX_BODY_BYTES)
async def put_data(
    request: Request[Any, Any, Any], user: NamedDependency[int], commits: NamedDependency[Commits]
) -> Row:
    """Give the row with the number in the path other values, from the body or the query."""
    number = _number(named(request))
    body = await request.body()
    if body:
        refuse_other_than_json(request)
    changes = documents.changes(body, queries.single(request))

    def work(session: Session) -> Stored | None:
        before = table.find(session, user, number)
        if before is None:
            return None
        changed = before._replace(**changes)
        table.change(session, number, changed)
        return Stored(number, changed)

    changed = await commits.write(work)
    if changed is None:
        # Of others' rows nobody learns that they are there.
        raise NotFoundException(f"You have no row {number}.")
    return documents.rows([changed])[0]


def _number(text: str) -> int:
    """Read a row's number; raise 404 for what none can be."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= HIGHEST):
        raise NotFoundException("Rows are numbered 1, 2, 3 and so on.")
    return int(text)
