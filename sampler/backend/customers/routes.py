"""Where customers' requests come in: each is judged and counted, and that is on the disk before it is answered."""

from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from sampler.backend import instants
from sampler.backend.commits import Commits
from sampler.backend.customers import naming, senders
from sampler.backend.customers.counts import get_customer_stats, get_stats
from sampler.backend.customers.judgement import Asked, Verdict, asked, judge
from sampler.backend.store import Session, answers
from sampler.backend.store import customers as table
from sampler.backend.store.answers import Answer
from sampler.backend.web import asker, repetition
from sampler.backend.web.problems import MEDIA_TYPE, problem

AnyRequest = Request[Any, Any, Any]
_VALID = Answer(200, b'{"valid":true}')
_CHALLENGE = {"WWW-Authenticate": 'Customer header="customer_id"'}


class CountsForNobody(Exception):  # noqa: N818 - it says what the request does
    """There is nobody for whom the request counts. Answer it and store nothing: not even the answer."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


def _for_nobody(_: AnyRequest, error: CountsForNobody) -> Response[bytes]:
    response = repetition.response(_answer(error.verdict))
    if response.status_code == 401:
        response.headers.update(_CHALLENGE)  # RFC 9110 wants one in each
    return response


@post("/", status_code=200, opt={"scope": "write:C"}, exception_handlers={CountsForNobody: _for_nobody})
async def post_request(request: AnyRequest, commits: NamedDependency[Commits]) -> Response[bytes]:
    """Take a customer's request: a valid one is answered 200, another with the first reason that applies."""
    arrived = instants.now()
    body = await _body(request)
    said = _asked(request, body)
    if said.customer is None:
        raise CountsForNobody(judge(said, None))
    who = f"customer {said.customer}"
    asker.note(request, who)
    # Under a key, bodies that are too large to be read are all the same.
    once = repetition.once(request, body or b"", who)
    answer = await commits.write(
        lambda session: answers.once(session, once, lambda session: _counted(session, said, arrived))
    )
    return repetition.response(answer)


async def _body(request: AnyRequest) -> bytes | None:
    try:
        return await request.body()
    except RequestEntityTooLarge:
        return None


def _asked(request: AnyRequest, body: bytes | None) -> Asked:
    customer = naming.customer(lambda header: request.headers.getall(header, []))
    agent = " ".join(request.headers.getall("User-Agent", []))
    # Whatever its Content-Type says, what is JSON is taken as such: the document asks for none.
    return asked(customer, body, senders.words(agent))


def _counted(session: Session, said: Asked, arrived: int) -> Answer:
    """Judge the request and count it; raises CountsForNobody."""
    verdict = judge(said, table.standing(session, said.customer, said.address, said.agent))
    if verdict.customer is None:
        raise CountsForNobody(verdict)
    table.count(session, verdict.customer, arrived, valid=verdict.valid)
    return _answer(verdict)


def _answer(verdict: Verdict) -> Answer:
    refusal = verdict.refusal
    if refusal is None:
        return _VALID
    told = problem(refusal.status, refusal.words, reason=refusal.reason, errors=verdict.errors or None)
    return Answer(refusal.status, told.content, MEDIA_TYPE)


ROUTES = [post_request, get_stats, get_customer_stats]
