"""What a user has stored, in pages: the rows themselves, or each sensor's tallies."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency

from sampler.backend.environment import aggregates, documents, fields, filters, tallies
from sampler.backend.environment.documents import Row
from sampler.backend.environment.filters import Page, Pagination, Query
from sampler.backend.environment.long_reads import LongReads
from sampler.backend.environment.tallies import SensorTally
from sampler.backend.store import Store
from sampler.backend.store.environment import rows as table
from sampler.backend.store.environment.rows import Wanted
from sampler.backend.web import paths, queries

AnyRequest = Request[Any, Any, Any]


class RowPage(msgspec.Struct):
    """A page of rows."""

    data: list[Row]
    pagination: Pagination


class TallyPage(msgspec.Struct):
    """A page of each sensor's tallies."""

    data: list[SensorTally]
    pagination: Pagination


AnyPage = RowPage | TallyPage


@get("/v1/data")
async def get_data(
    request: AnyRequest,
    user: NamedDependency[int],
    store: NamedDependency[Store],
    long_reads: NamedDependency[LongReads],
) -> AnyPage:
    """List the user's rows, those of all sensors or of the one in the query."""
    return await _listing(store, long_reads, user, queries.single(request))


@get("/v1/data/{id:path}")
async def get_data_of_sensor(
    request: AnyRequest,
    user: NamedDependency[int],
    store: NamedDependency[Store],
    long_reads: NamedDependency[LongReads],
) -> AnyPage:
    """List the user's rows of the sensor in the path."""
    query = {**queries.single(request), "sensor_id": named(request)}
    return await _listing(store, long_reads, user, query)


def named(request: AnyRequest) -> str:
    """Give what the path names behind /v1/data/. Raises Invalid."""
    return paths.behind(request, "/v1/data/", "sensor_id")


async def _listing(store: Store, long_reads: LongReads, user: int, query: Query) -> AnyPage:
    wanted, page = filters.wanted(query, user), filters.page(query)
    if "aggregate" in query:
        return await long_reads.run(_tallies, store, wanted, page, query)
    return await asyncio.to_thread(_rows, store, wanted, page)


def _rows(store: Store, wanted: Wanted, page: Page) -> RowPage:
    with store.reading() as session:
        total = table.count(session, wanted)
        found = table.page(session, wanted, page.skipped, page.size)
    return RowPage(documents.rows(found), page.of(total))


def _tallies(store: Store, wanted: Wanted, page: Page, query: Query) -> AnyPage:
    by = fields.read(query, {"aggregate": queries.one_of(tallies.BY)})["aggregate"]
    total, found = 0, []
    with tallies.reading(store, wanted) as session:
        for tally in aggregates.by_sensor(table.by_sensor(session, wanted), by, filters.zone(query)):
            if page.skipped <= total < page.skipped + page.size:
                found.append(tallies.of_sensor(tally))
            total += 1
    return TallyPage(found, page.of(total))
