"""The tables of customers and of their requests, counted by the hour."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sampler.backend.instants import TICKS_PER_HOUR
from sampler.backend.store import HIGHEST, Session


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; the requests of one that is not active are refused."""

    number: int
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a customer and of where a request comes from."""

    active: bool
    address_listed: bool
    agent_listed: bool


@dataclass(frozen=True, slots=True)
class Total:
    """How many requests came: all of them, and those among them that were invalid."""

    requests: int
    invalid: int


@dataclass(frozen=True, slots=True)
class Counted:
    """One request of a customer, in the hour (its first tick) in which it arrived."""

    customer: int
    hour: int
    valid: bool


_STANDING = """
SELECT active,
    EXISTS (SELECT 1 FROM blacklisted_addresses WHERE address = CAST(:address AS TEXT)),
    EXISTS (SELECT 1 FROM blacklisted_agents
        WHERE REPLACE(CAST(:agent AS TEXT), ' ' || words || ' ', '') <> CAST(:agent AS TEXT))
FROM customers WHERE number = :number
"""
_COUNT = """
INSERT INTO customer_hours VALUES (:customer, :hour, :valid, :invalid)
ON CONFLICT (customer, hour) DO UPDATE
SET valid = customer_hours.valid + excluded.valid, invalid = customer_hours.invalid + excluded.invalid
"""
_TOTALS = """
SELECT number, CAST(COALESCE(SUM(valid + invalid), 0) AS BIGINT), CAST(COALESCE(SUM(invalid), 0) AS BIGINT)
FROM customers LEFT JOIN customer_hours ON customer = number AND hour >= :start AND hour < :end
WHERE CAST(:number AS BIGINT) IS NULL OR number = :number
GROUP BY number ORDER BY number
"""
_HOURS = "SELECT hour, valid + invalid, invalid FROM customer_hours WHERE customer = :number ORDER BY hour"
_FIND = "SELECT number, name, active FROM customers WHERE number = :number"
_ALL = "SELECT number, name, active FROM customers ORDER BY number"
_ADD = "INSERT INTO customers VALUES (:number, :name, :active) ON CONFLICT (number) DO NOTHING"
_ACTIVATE = "UPDATE customers SET active = :active WHERE number = :number"


def standing(session: Session, number: int | None, address: str | None, agent: str) -> Standing | None:
    """Give what is known of the customer and of who asks in their name; None if there is no such customer.

    `address` is in its one form, None if it is none; `agent` is the User-Agent's words with a space between them.
    """
    # A listed agent is looked for as whole words, with a function that both engines have.
    if number is None or not _possible(number):
        return None
    row = session.row(_STANDING, number=number, address=address, agent=f" {agent} ")
    return Standing(*map(bool, row)) if row else None


def count(session: Session, customer: int, instant: int, *, valid: bool) -> None:
    """Count a request that arrived at this instant, in ticks, together with all others of the transaction."""
    session.later(_store, Counted(customer, instant - instant % TICKS_PER_HOUR, valid))


def _store(session: Session, requests: Iterable[Counted]) -> None:
    counts = Counter(requests)
    hours = sorted({(request.customer, request.hour) for request in counts})
    session.run_many(
        _COUNT,
        [
            {
                "customer": customer,
                "hour": hour,
                "valid": counts[Counted(customer, hour, valid=True)],
                "invalid": counts[Counted(customer, hour, valid=False)],
            }
            for customer, hour in hours
        ],
    )


def totals(session: Session, start: int, end: int, number: int | None = None) -> dict[int, Total]:
    """Give what came in [start, end), in ticks, for every customer, by number, or for one; zeros for none."""
    if number is not None and not _possible(number):
        return {}
    rows = session.rows(_TOTALS, start=start, end=end, number=number)
    return {customer: Total(requests, invalid) for customer, requests, invalid in rows}


def hours(session: Session, number: int) -> dict[int, Total] | None:
    """Give the hours (their first ticks) in which requests came, in order; None if there is no such customer.

    There cannot be more of them than hours have passed since the customer was added: 8 760 a year.
    """
    if find(session, number) is None:
        return None
    return {hour: Total(requests, invalid) for hour, requests, invalid in session.rows(_HOURS, number=number)}


def find(session: Session, number: int) -> Customer | None:
    """Give the customer with this number, if there is one."""
    row = session.row(_FIND, number=number) if _possible(number) else None
    return Customer(row[0], row[1], bool(row[2])) if row else None


def everyone(session: Session) -> list[Customer]:
    """Give all customers, by number."""
    return [Customer(number, name, bool(active)) for number, name, active in session.rows(_ALL)]


def add(session: Session, customer: Customer) -> bool:
    """Add a customer and give True, or False if the number is taken: then nothing is changed."""
    added = session.run(_ADD, number=customer.number, name=customer.name, active=int(customer.active))
    return added == 1


def activate(session: Session, number: int, *, active: bool) -> bool:
    """Let the customer's requests be valid, or no longer; False if there is no such customer."""
    return session.run(_ACTIVATE, number=number, active=int(active)) == 1


def _possible(number: int) -> bool:
    return 0 <= number <= HIGHEST
