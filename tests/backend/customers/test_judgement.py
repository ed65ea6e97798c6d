"""The order of refusals: of two faults, the earlier is told."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.customers import judgement, naming, senders
from sampler.backend.customers.judgement import Refusal, Verdict, asked, judge
from sampler.backend.store.customers import Standing
from tests.backend.customers.speaking import AGENT, DOCUMENT, document

GOOD = Standing(active=True, address_listed=False, agent_listed=False)


@dataclass(frozen=True)
class Facts:
    """A request and what is known of it; as they stand, it is valid."""

    header: str | None = "1"
    body: bytes | None = document()
    known: Standing | None = GOOD

    def verdict(self) -> Verdict:
        values = {"customer_id": [self.header] if self.header is not None else []}
        customer = naming.customer(lambda name: values.get(name, []))
        return judge(asked(customer, self.body, senders.words(AGENT)), self.known)

    def saying(self, **changes: Any) -> "Facts":
        return replace(self, body=json.dumps(json.loads(self.body or b"") | changes).encode())

    def knowing(self, **changes: Any) -> "Facts":
        return replace(self, known=replace(self.known, **changes)) if self.known else self


Fault = Callable[[Facts], Facts]
ORDER: list[tuple[Refusal, Fault]] = [
    (judgement.NO_CUSTOMER, lambda facts: replace(facts, header=None)),
    (judgement.UNKNOWN_CUSTOMER, lambda facts: replace(facts, known=None)),
    (judgement.BROKEN_BODY, lambda facts: facts.saying(tagID="two")),
    (judgement.OTHER_CUSTOMER, lambda facts: facts.saying(customerID=2)),
    (judgement.INACTIVE_CUSTOMER, lambda facts: facts.knowing(active=False)),
    (judgement.NO_ADDRESS, lambda facts: facts.saying(remoteIP="somewhere")),
    (judgement.LISTED_ADDRESS, lambda facts: facts.knowing(address_listed=True)),
    (judgement.LISTED_AGENT, lambda facts: facts.knowing(agent_listed=True)),
]
PAIRS = list(itertools.combinations(ORDER, 2))
NOBODY = {judgement.NO_CUSTOMER, judgement.UNKNOWN_CUSTOMER}


def test_a_request_without_a_fault_is_valid_and_counts_for_its_customer() -> None:
    assert Facts().verdict() == Verdict(customer=1)
    assert Facts().verdict().valid


def test_there_are_the_eight_reasons_with_the_contracts_statuses() -> None:
    assert [refusal.status for refusal, _ in ORDER] == [401, 404, 400, 403, 403, 400, 403, 403]
    assert len({refusal.reason for refusal, _ in ORDER}) == 8


@pytest.mark.parametrize(("refusal", "fault"), ORDER, ids=[refusal.reason for refusal, _ in ORDER])
def test_each_fault_alone_is_the_reason(refusal: Refusal, fault: Fault) -> None:
    verdict = fault(Facts()).verdict()

    assert (verdict.refusal, verdict.valid) == (refusal, False)
    assert verdict.customer == (None if refusal in NOBODY else 1)


@pytest.mark.parametrize(
    ("earlier", "later"),
    PAIRS,
    ids=[f"{earlier.reason} before {later.reason}" for (earlier, _), (later, _) in PAIRS],
)
def test_of_two_faults_the_earlier_is_the_reason(
    earlier: tuple[Refusal, Fault], later: tuple[Refusal, Fault]
) -> None:
    for facts in (earlier[1](later[1](Facts())), later[1](earlier[1](Facts()))):
        assert facts.verdict().refusal == earlier[0]


def test_a_body_too_large_to_be_read_stands_where_a_broken_one_does() -> None:
    too_large = Facts(body=None)

    assert too_large.verdict() == Verdict(1, judgement.TOO_LARGE)
    assert too_large.knowing(active=False).verdict().refusal == judgement.TOO_LARGE
    assert replace(too_large, known=None).verdict().refusal == judgement.UNKNOWN_CUSTOMER
    assert replace(too_large, header=None).verdict().refusal == judgement.NO_CUSTOMER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
NEAR = st.fixed_dictionaries({}, optional={name: st.just(value) | JSON for name, value in DOCUMENT.items()})
BODIES = st.none() | st.binary() | (JSON | NEAR).map(lambda value: json.dumps(value).encode())
STANDINGS = st.none() | st.builds(Standing, st.booleans(), st.booleans(), st.booleans())


@given(st.lists(st.text() | st.integers().map(str), max_size=2), BODIES, st.text(), STANDINGS)
def test_whatever_comes_there_is_a_verdict(
    header: list[str], body: bytes | None, agent: str, known: Standing | None
) -> None:
    customer = naming.customer(lambda name: header if name == "customer-id" else [])

    verdict = judge(asked(customer, body, senders.words(agent)), known)

    assert verdict.valid == (verdict.refusal is None)
    assert (verdict.customer is None) == (verdict.refusal in NOBODY)
    assert verdict.customer in {None, customer}
    if verdict.valid:
        assert known == GOOD
