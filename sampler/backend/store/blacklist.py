"""The tables of addresses and programs from which no customer's request is taken."""

from collections.abc import Sequence

from sampler.backend.store import Session

_ADDRESSES = "SELECT address FROM blacklisted_addresses ORDER BY address"
_ADD_ADDRESS = "INSERT INTO blacklisted_addresses VALUES (:address) ON CONFLICT (address) DO NOTHING"
_REMOVE_ADDRESS = "DELETE FROM blacklisted_addresses WHERE address = :address"
_AGENTS = "SELECT written FROM blacklisted_agents ORDER BY words"
_ADD_AGENT = "INSERT INTO blacklisted_agents VALUES (:words, :written) ON CONFLICT (words) DO NOTHING"
_REMOVE_AGENT = "DELETE FROM blacklisted_agents WHERE words = :words"


def addresses(session: Session) -> Sequence[str]:
    """Give the listed addresses."""
    return [address for (address,) in session.rows(_ADDRESSES)]


def add_address(session: Session, address: str) -> bool:
    """List an address, in its one form; False if it was listed already."""
    return session.run(_ADD_ADDRESS, address=address) == 1


def remove_address(session: Session, address: str) -> bool:
    """Take an address, in its one form, from the list; False if it was not there."""
    return session.run(_REMOVE_ADDRESS, address=address) == 1


def agents(session: Session) -> Sequence[str]:
    """Give the listed agents, as they were written."""
    return [written for (written,) in session.rows(_AGENTS)]


def add_agent(session: Session, words: str, written: str) -> bool:
    """List an agent by its words, with a space between them; False if they were listed already."""
    return session.run(_ADD_AGENT, words=words, written=written) == 1


def remove_agent(session: Session, words: str) -> bool:
    """Take an agent from the list; False if its words were not there."""
    return session.run(_REMOVE_AGENT, words=words) == 1
