"""The OpenAPI document of all rooms."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from sampler.backend.web.openapi import (
    PUBLIC,
    TOKEN,
    USER,
    Object,
    Room,
    media,
    operation_id,
    problem_name,
    reference,
)

_DESCRIPTION = """
Receives what devices and services send, stores it durably, and answers then.

Errors are `application/problem+json` (RFC 9457) unless an operation says otherwise; `request_id` is also in the
server's log and in the header `X-Request-Id` of every answer.
"""
_PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "What is wrong with which field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {"type": "string"},
    },
}
_SCHEMES = {
    TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "description": "A device's or service's token, from `sampler backend tokens add`, where the backend is closed.",
    },
    USER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A user's access token, from `POST /auth/login`.",
    },
}
_STATUSES = (400, 401, 403, 404, 405, 408, 409, 411, 413, 414, 415, 422, 429, 431, 500, 503)
_WITH_RETRY_AFTER = (429, 503)


def document(rooms: Sequence[Room], *, closed: bool) -> bytes:
    """Put the OpenAPI document together; `closed` says whether contracts A to D ask for a token."""
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "sampler backend",
            "version": version("sampler"),
            "description": _DESCRIPTION.strip(),
        },
        "tags": [{"name": room.tag, "description": room.description} for room in rooms],
        "paths": _paths(rooms, closed),
        "components": {
            "schemas": {"Problem": _PROBLEM} | _merged(room.schemas for room in rooms),
            "responses": {problem_name(status): _problem(status) for status in _STATUSES},
            "securitySchemes": _SCHEMES,
        },
    }
    return msgspec.json.encode(whole)


def _paths(rooms: Iterable[Room], closed: bool) -> Object:  # noqa: FBT001 - as in `document`
    paths: Object = {}
    for room in rooms:
        for path, operations in room.paths.items():
            for method, operation in operations.items():
                paths.setdefault(path, {})[method] = {
                    **operation,
                    "tags": [room.tag],
                    "operationId": operation_id(method, path),
                    "security": _security(operation["security"], closed),
                }
    return paths


def _security(wanted: Sequence[Object], closed: bool) -> Sequence[Object]:  # noqa: FBT001 - as in `document`
    by_token = any(TOKEN in requirement for requirement in wanted)
    # An empty requirement means: or nothing at all.
    return [*wanted, {}] if by_token and not closed else wanted or PUBLIC


def _merged(parts: Iterable[Mapping[str, Object]]) -> Object:
    return {name: schema for part in parts for name, schema in part.items()}


def _problem(status: int) -> Object:
    phrase = HTTPStatus(status).phrase
    example = {"title": phrase, "status": status, "request_id": "3f1c5d0b9e2a7f64"}
    content = media("application/problem+json", reference("Problem"), problem=example)
    headers: Object = {}
    if status in _WITH_RETRY_AFTER:
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds."}
    if status == 401:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
    return {"description": phrase, "content": content, "headers": headers}


@get("/openapi.json", opt={"scope": None})
async def openapi_json(openapi: NamedDependency[bytes]) -> Response[bytes]:
    """Give the OpenAPI document, for people's tools."""
    return Response(openapi, media_type="application/json")


ROUTES = [openapi_json]
