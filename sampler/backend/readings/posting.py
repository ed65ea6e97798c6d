"""Where readings are posted to, in either form."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException

from sampler.backend.commits import Commits
from sampler.backend.readings import documents, lines
from sampler.backend.readings.gathering import MAX_READINGS
from sampler.backend.store import Session, answers
from sampler.backend.store.answers import Answer, Once
from sampler.backend.store.readings import adding
from sampler.backend.store.readings.series import Series
from sampler.backend.web import bodies, media, repetition, tally
from sampler.backend.web.arrays import Elements
from sampler.backend.web.objects import Objects

AnyRequest = Request[Any, Any, Any]
_READINGS = Objects(documents.Reading)
_SUCCESS = Answer(200, b'{"success":true}')
_BYTES_A_READING = 32


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


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes readings in; times without an offset are the zone's.

    It is the one part that the handler asks for: the framework starts a task for each of several.
    """

    commits: Commits
    zone: tzinfo

    async def take_json(self, request: AnyRequest) -> Response[bytes]:
        """Store an array of readings. Raises Invalid."""
        elements = Elements(_READINGS, MAX_READINGS)
        series = await documents.gathered(bodies.pieces(request, elements), self.zone)
        once = repetition.of_fingerprint(request, elements.fingerprint)
        answer = Answer(200, msgspec.json.encode({"accepted": elements.count}))
        return await self._take(request, Delivery(series, once, answer))

    async def take_lines(self, request: AnyRequest) -> Response[bytes]:
        """Store lines, or name those that are malformed."""
        body = await request.body()
        try:
            series = await lines.read(body)
        except lines.Malformed as malformed:
            document = {"success": False, "errors": malformed.faults}
            return Response(msgspec.json.encode(document), status_code=400, media_type="application/json")
        return await self._take(request, Delivery(series, repetition.once(request, body), _SUCCESS))

    async def _take(self, request: AnyRequest, delivery: Delivery) -> Response[bytes]:
        readings = sum(len(one.times) for one in delivery.series)
        answer = await self.commits.write(delivery.store, _BYTES_A_READING * readings)
        if answer is delivery.answer:
            tally.note(request, "readings", readings)
        return repetition.response(answer)


@post("/data", status_code=200, opt={"scope": {"application/json": "write:B", "text/plain": "write:D"}})
async def post_data(request: AnyRequest, readings: NamedDependency[Intake]) -> Response[bytes]:
    """Store readings, all of them or none: JSON as contract B has it, or plain text as D."""
    media.refuse_compressed(request)
    media_type, parameters = request.content_type
    if media_type == "text/plain":
        _refuse_other_than_utf_8(parameters)
        return await readings.take_lines(request)
    if media_type in {"application/json", "text/json"}:
        return await readings.take_json(request)
    raise HTTPException("The Content-Type must be application/json or text/plain.", status_code=415)


def _refuse_other_than_utf_8(parameters: dict[str, str]) -> None:
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "us-ascii", "utf8"}:
        raise HTTPException("The charset must be UTF-8.", status_code=415)
