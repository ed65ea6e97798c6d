"""The words in which a room describes itself: the parts of an OpenAPI 3.1 document.

A room's `openapi.py` ends with `ROOM = Room(tag, description, paths, schemas)`, which `app.py` names in its list;
`web/document.py` makes the document of all rooms. An operation's examples are spoken to a backend by a test,
in the order of the document, and each must be answered with a documented 2xx: give each required parameter an
example, each body at least one. A test also compares the operations with the routes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

Object = dict[str, Any]
"""A part of the document: plain JSON."""

_REFERENCE = "#/components/schemas/{name}"
TOKEN, USER = "token", "user"
PUBLIC: list[Object] = []
"""The security of what anybody may ask."""
LOGGED_IN: list[Object] = [{USER: []}]
"""The security of contract E: a user's access token. It answers 401 without."""


@dataclass(frozen=True, slots=True)
class Room:
    """What belongs together: operations by path and method (`{"/data": {"post": operation(…)}}`)."""

    tag: str
    description: str
    paths: Mapping[str, Mapping[str, Object]]
    schemas: Mapping[str, Object] = field(default_factory=dict)
    """What `reference` names."""


def operation(  # noqa: PLR0913 - an operation has these parts
    summary: str,
    answers: Mapping[str, Object],
    *,
    security: Sequence[Object],
    description: str = "",
    parameters: Sequence[Object] = (),
    body: Object | None = None,
) -> Object:
    """Describe what one method does at one path.

    `answers` has every status that it can answer: `{"200": answer(…)} | problems(400, 413, 503)`; those of
    `security` (`token("write:A")`, LOGGED_IN or PUBLIC) are added, and 403, which pages of others are answered.
    """
    wanted = any(security)
    answers = {**problems(403, *([401] if wanted else [])), **answers}
    parts = {
        "summary": summary,
        "description": description,
        "parameters": list(parameters),
        "requestBody": body,
        "responses": dict(sorted(answers.items())),
    }
    return {name: part for name, part in parts.items() if part} | {"security": list(security)}


def token(*scopes: str) -> list[Object]:
    """Give the security of contracts A to D: a token with one of the scopes, where the backend is closed."""
    return [{TOKEN: [scope]} for scope in scopes]


def query(name: str, schema: Object, description: str, **more: Any) -> Object:
    """Describe a parameter behind the `?`; `more` are `required=True`, `example=…`."""
    return {"name": name, "in": "query", "schema": schema, "description": description, **more}


def limit(usual: int, most: int) -> Object:
    """Describe how many there are to be on a page."""
    schema: Object = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    return query("limit", schema, "How many on a page.")


def page(place: str, usual: int, most: int) -> list[Object]:
    """Describe the parameters of a list in pages, whose Link header says in `place` where the next begins."""
    return [
        limit(usual, most),
        query(place, {"type": "string", "pattern": r"^\d{1,18}-\d{1,18}$"}, "From the Link header."),
    ]


def header(name: str, schema: Object, description: str, **more: Any) -> Object:
    """Describe a header of the request."""
    return {"name": name, "in": "header", "schema": schema, "description": description, **more}


def place(name: str, schema: Object, description: str, example: Any) -> Object:
    """Describe a part of the path."""
    described = {"schema": schema, "description": description, "example": example}
    return {"name": name, "in": "path", "required": True, **described}


def body(**media_types: Object) -> Object:
    """Describe the body, one or several forms of it: `body(**json(schema, one=…), **text(schema, lines=…))`."""
    return {"required": True, "content": media_types}


def json(schema: Object, /, **examples: Any) -> Object:
    """Describe a body in JSON, with its examples by name."""
    return media("application/json", schema, **examples)


def text(schema: Object, /, **examples: str) -> Object:
    """Describe a body in plain text, with its examples by name."""
    return media("text/plain", schema, **examples)


def media(media_type: str, schema: Object, /, **examples: Any) -> Object:
    """Describe a body of another kind."""
    described: Object = {"schema": schema}
    if examples:
        described["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {media_type: described}


def answer(
    description: str,
    content: Object | None = None,
    headers: Mapping[str, str] | None = None,
    links: Mapping[str, Object] | None = None,
) -> Object:
    """Describe an answer: `answer("The statistics.", json(schema, one=…), {"Link": "what it says"})`."""
    described: Object = {"description": description}
    if content:
        described["content"] = content
    if headers:
        described["headers"] = {
            name: {"schema": {"type": "string"}, "description": words} for name, words in headers.items()
        }
    if links:
        described["links"] = dict(links)
    return described


def link(method: str, path: str, *, parameters: Object | None = None, body: Object | None = None) -> Object:
    """Say what can be done next with what an answer holds: `{"id": "$response.body#/0/id"}`."""
    parts = {"parameters": parameters, "requestBody": body}
    return {"operationId": operation_id(method, path), **{name: part for name, part in parts.items() if part}}


def operation_id(method: str, path: str) -> str:
    """Name an operation: `get_v1_data_id`."""
    return "_".join([method, *filter(None, path.replace("{", "").replace("}", "").strip("/").split("/"))])


def problems(*statuses: int) -> dict[str, Object]:
    """Give the answers for errors, problem+json, as all rooms have them; 429 and 503 with Retry-After."""
    return {str(status): {"$ref": f"#/components/responses/{problem_name(status)}"} for status in statuses}


def problem_name(status: int) -> str:
    """Give the name under which the document has the problem: 413 -> ContentTooLarge or as Python calls it."""
    return HTTPStatus(status).phrase.replace(" ", "").replace("-", "")


def reference(name: str) -> Object:
    """Refer to a schema of the room's `schemas`, which are the whole document's."""
    return {"$ref": _REFERENCE.format(name=name)}


def schemas(*structs: type) -> dict[str, Object]:
    """Give the schemas of msgspec structs, and of those that they hold, by their names, for a room's `schemas`."""
    return msgspec.json.schema_components(structs, ref_template=_REFERENCE)[1]


INSTANT: Object = {"type": "string", "format": "date-time", "pattern": "^(19[7-9][0-9]|2[01][0-9]{2})-"}
"""A time from 1970 until 2200."""
IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    "A repetition under the same key gets the first answer and does nothing; another body under it is refused.",
)
"""For every POST whose answers are kept by `web/repetition.py`; add problems(422)."""
