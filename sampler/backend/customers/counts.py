"""How many requests came: those of a day, for all customers or one, and those of each hour of a customer."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from sampler.backend import instants
from sampler.backend.customers.naming import integer
from sampler.backend.store import Store
from sampler.backend.store import customers as table
from sampler.backend.store.customers import Total
from sampler.backend.web import queries
from sampler.backend.web.problems import Invalid

AnyRequest = Request[Any, Any, Any]
Counts = dict[str, int | str]
_EPOCH = date(1970, 1, 1)


@get("/stats", sync_to_thread=True, opt={"scope": "read"})
def get_stats(request: AnyRequest, store: NamedDependency[Store]) -> dict[str, Counts]:
    """Give the requests of a UTC day: of every customer and in total, or of the one asked for."""
    query = queries.single(request)
    day = _day(query)
    customer = _integer(query, "customer_id") if "customer_id" in query else None
    start = (day - _EPOCH).days * instants.TICKS_PER_DAY
    with store.reading() as session:
        totals = table.totals(session, start, start + instants.TICKS_PER_DAY, customer)
    if customer is None:
        return _of_everyone(totals)
    if customer not in totals:
        raise _unknown()
    return {day.isoformat(): {"customer_id": str(customer)} | _counts(totals[customer])}


@get("/customerStats", sync_to_thread=True, opt={"scope": "read"})
def get_customer_stats(request: AnyRequest, store: NamedDependency[Store]) -> dict[str, Counts]:
    """Give the requests of a customer for each UTC hour in which there were any, oldest first."""
    customer = _integer(queries.single(request), "customer_id")
    with store.reading() as session:
        hours = table.hours(session, customer)
    if hours is None:
        raise _unknown()
    return {f"{instants.iso(hour)[:19]}Z": _counts(total) for hour, total in hours.items()}


def _of_everyone(totals: dict[int, Total]) -> dict[str, Counts]:
    whole = Total(
        sum(total.requests for total in totals.values()), sum(total.invalid for total in totals.values())
    )
    customers = {f"customer_{number}": _counts(total) for number, total in totals.items()}
    return customers | {"total_number": _counts(whole)}


def _counts(total: Total) -> Counts:
    return {"total_requests": total.requests, "invalid_requests": total.invalid}


def _day(query: Mapping[str, str]) -> date:
    year, month, day = (_integer(query, name) for name in ("year", "month", "day"))
    try:
        return date(year, month, day)
    except (ValueError, OverflowError) as error:
        raise Invalid({"day": ["There is no such date."]}) from error


def _integer(query: Mapping[str, str], name: str) -> int:
    try:
        return integer(query.get(name, ""))
    except ValueError as error:
        raise Invalid({name: [f"The {name} must be given once, as an integer."]}) from error


def _unknown() -> NotFoundException:
    return NotFoundException("There is no such customer.")
