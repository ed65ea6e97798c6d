"""Whether a customer's request is valid, and if not, for which of the eight reasons: the first that applies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sampler.backend.customers.body import Body, Broken, read
from sampler.backend.store.customers import Standing


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: a word for programs, the answer's status, words for people."""

    reason: str
    status: int
    words: str


NO_CUSTOMER = Refusal("no-customer", 401, "The header customer_id must name one customer, by an integer.")
UNKNOWN_CUSTOMER = Refusal("unknown-customer", 404, "There is no such customer.")
BROKEN_BODY = Refusal("broken-body", 400, "The body must be JSON with all fields, each of its type.")
TOO_LARGE = Refusal("too-large", 413, "The body is larger than this backend reads.")
OTHER_CUSTOMER = Refusal("other-customer", 403, "The body's customerID is not the header's customer.")
INACTIVE_CUSTOMER = Refusal("inactive-customer", 403, "The customer is not active.")
NO_ADDRESS = Refusal("no-address", 400, "The remoteIP must be an IPv4 or IPv6 address.")
LISTED_ADDRESS = Refusal("blacklisted-address", 403, "The remoteIP is blacklisted.")
LISTED_AGENT = Refusal("blacklisted-agent", 403, "The User-Agent is blacklisted.")


@dataclass(frozen=True, slots=True)
class Unread:
    """What stands for a body that says nothing that could be judged."""

    refusal: Refusal
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What is wrong with which field."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says, before anybody has looked up whether it may."""

    customer: int | None
    """Whom the header names; None if it names none."""
    body: Body | Unread
    agent: str
    """The words of the User-Agent."""

    @property
    def address(self) -> str | None:
        """The body's address in its one form, if it has one."""
        return self.body.address if isinstance(self.body, Body) else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a request is answered, and for whom it counts."""

    customer: int | None
    """For whom it counts; None for nobody."""
    refusal: Refusal | None = None
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether it counts among the valid ones."""
        return self.refusal is None


def asked(customer: int | None, body: bytes | None, agent: str) -> Asked:
    """Read the request; `body` is None if it was too large to be read."""
    return Asked(customer, _read(body), agent)


def _read(body: bytes | None) -> Body | Unread:
    try:
        return read(body) if body is not None else Unread(TOO_LARGE)
    except Broken as broken:
        return Unread(BROKEN_BODY, broken.errors)


def judge(asked: Asked, known: Standing | None) -> Verdict:
    """Give the verdict; `known` is what is known of the customer whom the header names, None if there is no such.

    A request counts for the customer named in the header even when its body is broken: that is what it is for.
    """
    if asked.customer is None:
        return Verdict(None, NO_CUSTOMER)
    if known is None:
        return Verdict(None, UNKNOWN_CUSTOMER)
    if isinstance(asked.body, Unread):
        return Verdict(asked.customer, asked.body.refusal, asked.body.errors)
    return Verdict(asked.customer, _first(asked.body, asked.customer, known))


def _first(body: Body, customer: int, known: Standing) -> Refusal | None:
    order = (
        (body.customer != customer, OTHER_CUSTOMER),
        (not known.active, INACTIVE_CUSTOMER),
        (body.address is None, NO_ADDRESS),
        (known.address_listed, LISTED_ADDRESS),
        (known.agent_listed, LISTED_AGENT),
    )
    return next((refusal for applies, refusal in order if applies), None)
