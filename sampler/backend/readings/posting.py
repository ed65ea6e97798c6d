"""Where readings are posted to, in either form."""

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException

from sampler.backend import calendars
from sampler.backend.commits import Commits
from sampler.backend.readings import documents, lines
from sampler.backend.readings.gathering import MAX_READINGS
from sampler.backend.settings import Settings
from sampler.backend.store import Session, answers
from sampler.backend.store.answers import Answer, Once
from sampler.backend.store.readings import adding
from sampler.backend.store.readings.series import Series
from sampler.backend.web import bodies, repetition, tally
from sampler.backend.web.arrays import Elements
from sampler.backend.web.objects import Objects

AnyRequest = Request[Any, Any, Any]
_READINGS = Objects(documents.Reading)
_SUCCESS = Answer(200, b'{"success":true}')
_BYTES_A_READING = 32


@post("/data", status_code=200, opt={"scope": {"application/json": "write:B", "text/plain": "write:D"}})
async def post_data(
    request: AnyRequest, commits: NamedDependency[Commits], settings: NamedDependency[Settings]
) -> Response[bytes]:
    """Store readings, all of them or none: JSON as contract B has it, or plain text as D."""
    media_type, parameters = request.content_type
    if media_type == "text/plain":
        _refuse_other_than_utf_8(parameters)
        return await _post_lines(request, commits)
    if media_type in {"application/json", "text/json"}:
        return await _post_json(request, commits, settings)
    raise HTTPException("The Content-Type must be application/json or text/plain.", status_code=415)


async def _post_json(request: AnyRequest, commits: Commits, settings: Settings) -> Response[bytes]:
    elements = Elements(_READINGS, MAX_READINGS)
    series = await documents.gathered(bodies.pieces(request, elements), calendars.zone(settings.zone))
    once = repetition.of_fingerprint(request, elements.fingerprint)
    answer = Answer(200, msgspec.json.encode({"accepted": elements.count}))
    return await _answer(request, commits, Delivery(series, once, answer))


async def _post_lines(request: AnyRequest, commits: Commits) -> Response[bytes]:
    body = await request.body()
    try:
        series = await lines.read(body)
    except lines.Malformed as malformed:
        document = {"success": False, "errors": malformed.faults}
        return Response(msgspec.json.encode(document), status_code=400, media_type="application/json")
    return await _answer(request, commits, Delivery(series, repetition.once(request, body), _SUCCESS))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a request brings, what makes it recognisable, and what it is answered the first time."""

    series: list[Series]
    once: Once | None
    answer: Answer

    def store(self, session: Session) -> Answer:
        """Store the readings, unless it is a repetition; give the first answer. Raises KeyReused."""
        return answers.once(session, self.once, self._add)

    def _add(self, session: Session) -> Answer:
        adding.add(session, self.series)
        return self.answer


async def _answer(request: AnyRequest, commits: Commits, delivery: Delivery) -> Response[bytes]:
    readings = sum(len(one.times) for one in delivery.series)
    answer = await commits.write(delivery.store, _BYTES_A_READING * readings)
    if answer is delivery.answer:
        tally.note(request, "readings", readings)
    return repetition.response(answer)


def _refuse_other_than_utf_8(parameters: dict[str, str]) -> None:
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "us-ascii", "utf8"}:
        raise HTTPException("The charset must be UTF-8.", status_code=415)
