"""Errors as application/problem+json (RFC 9457), each class with the answer it stands for."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from sampler.backend.store import StoreUnavailable
from sampler.backend.store.answers import KeyReused
from sampler.backend.web import request_id
from sampler.backend.web.visit import ClientGone, TooSlow

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_RETRY_AFTER_S = 5


class Invalid(Exception):  # noqa: N818 - it says what the request is
    """The request says something that cannot be; `errors` names each field and what is wrong with it."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(words)}" for field, words in errors.items()))
        self.errors = errors


def problem(
    status: int, detail: str | None = None, headers: Mapping[str, str] | None = None, **more: Any
) -> Response[bytes]:
    """Build the answer; `more` are further members of the object."""
    return Response(body(status, detail, **more), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def body(status: int, detail: str | None = None, **more: Any) -> bytes:
    """Write the object, with the request's name."""
    named = {"request_id": request_id.current() or None}
    members = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, **named, **more}
    return msgspec.json.encode({name: value for name, value in members.items() if value is not None})


def _invalid(_: Request[Any, Any, Any], error: Invalid) -> Response[bytes]:
    return problem(400, title="One or more validation errors occurred.", errors=error.errors)


def _key_reused(_: Request[Any, Any, Any], error: KeyReused) -> Response[bytes]:
    return problem(422, str(error))


def _unavailable(_: Request[Any, Any, Any], __: StoreUnavailable) -> Response[bytes]:
    # Its words name paths: they are in the log, and nobody else's business.
    return problem(503, "Nothing can be stored or read at the moment.", {"Retry-After": str(_RETRY_AFTER_S)})


def _too_slow(_: Request[Any, Any, Any], error: TooSlow) -> Response[bytes]:
    # Closed, because what follows on the connection is the rest of this body.
    return problem(408, str(error), {"Connection": "close"})


def _client_gone(_: Request[Any, Any, Any], __: ClientGone) -> Response[bytes]:
    return problem(400, "The client went away before its request was whole.")  # which nobody will read


def _unreadable(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Name the parameters that the framework could not read."""
    faults = error.extra if isinstance(error.extra, list) else []
    return _invalid(request, Invalid({fault.get("key", ""): [fault["message"]] for fault in faults}))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if error.status_code == 500:
        return _bug(request, error)
    return problem(error.status_code, error.detail, error.headers)


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    path = request.scope["raw_path"].decode("latin-1")  # as it came: no line break gets into the log
    log.error("%s %s failed", request.method, path, exc_info=error)
    return problem(500)


HANDLERS: dict[int | type[Exception], Any] = {
    Invalid: _invalid,
    KeyReused: _key_reused,
    StoreUnavailable: _unavailable,
    TooSlow: _too_slow,
    ClientGone: _client_gone,
    ValidationException: _unreadable,
    HTTPException: _http,
    Exception: _bug,
}
"""What the application answers to which error; those of a room alone are beside its routes."""
