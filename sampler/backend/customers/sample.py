"""The customers and the blacklist that the published document has as its sample."""

from sampler.backend.customers import senders
from sampler.backend.store import Session, blacklist
from sampler.backend.store import customers as table
from sampler.backend.store.customers import Customer

CUSTOMERS = (
    Customer(1, "Big News Media Corp", active=True),
    Customer(2, "Online Mega Store", active=True),
    Customer(3, "Nachoroo Delivery", active=False),
    Customer(4, "Euro Telecom Group", active=True),
)
ADDRESSES = ("0.0.0.0", "127.0.0.1", "255.255.255.255")  # noqa: S104 - nobody listens there
AGENTS = ("A6-Indexer", "Googlebot-News", "Googlebot")


def load(session: Session) -> tuple[int, int, int]:
    """Add what is not there yet; give how many customers, addresses and agents were new."""
    customers = sum(table.add(session, customer) for customer in CUSTOMERS)
    addresses = sum(blacklist.add_address(session, address) for address in ADDRESSES)
    agents = sum(blacklist.add_agent(session, senders.words(agent), agent) for agent in AGENTS)
    return customers, addresses, agents
