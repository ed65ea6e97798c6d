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
from sampler.backend.store.measurements import Conflict

log = logging.getLogger(__name__)

_RETRY_AFTER_S = 5


class Invalid(Exception):  # noqa: N818 - it says what the request is
    """The request says something that cannot be; `errors` names each field and what is wrong with it."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(words)}" for field, words in errors.items()))
        self.errors = errors


class WantedFailure(Exception):  # noqa: N818 - it is no error of ours
    """The lottery lost: fail, as the operator asked for with --fail-rate or --fail-after."""


def problem(
    status: int, detail: str | None = None, headers: Mapping[str, str] | None = None, **more: Any
) -> Response[bytes]:
    """Build the answer; `more` are further members of the object."""
    members = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(
        msgspec.json.encode({name: value for name, value in members.items() if value is not None}),
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def _invalid(_: Request[Any, Any, Any], error: Invalid) -> Response[bytes]:
    return problem(400, title="One or more validation errors occurred.", errors=error.errors)


def _conflict(_: Request[Any, Any, Any], error: Conflict | KeyReused) -> Response[bytes]:
    return problem(422, str(error))


def _unavailable(_: Request[Any, Any, Any], __: StoreUnavailable) -> Response[bytes]:
    # Its words name paths: they are in the log, and nobody else's business.
    return problem(503, "Nothing can be stored or read at the moment.", {"Retry-After": str(_RETRY_AFTER_S)})


def _wanted_failure(_: Request[Any, Any, Any], error: WantedFailure) -> Response[bytes]:
    return problem(500, str(error))


def _unreadable(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Name the parameters that the framework could not read."""
    faults = error.extra if isinstance(error.extra, list) else []
    return _invalid(request, Invalid({fault.get("key", ""): [fault["message"]] for fault in faults}))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    if error.status_code == 500:
        return _bug(request, error)
    return problem(error.status_code, error.detail, error.headers)


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500)


HANDLERS: dict[int | type[Exception], Any] = {
    Invalid: _invalid,
    Conflict: _conflict,
    KeyReused: _conflict,
    StoreUnavailable: _unavailable,
    WantedFailure: _wanted_failure,
    ValidationException: _unreadable,
    HTTPException: _http,
    Exception: _bug,
}
"""What the application answers to which error."""
