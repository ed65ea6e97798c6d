"""The endpoints under /auth: register, log in, get the next tokens, log out."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency

from sampler.backend.accounts import documents
from sampler.backend.accounts.attempts import TooMany
from sampler.backend.accounts.desk import Desk, EmailTaken, NotLoggedIn
from sampler.backend.accounts.documents import Unfit
from sampler.backend.accounts.keys import Keys
from sampler.backend.accounts.passwords import TooBusy
from sampler.backend.accounts.sessions import Pair, Sessions
from sampler.backend.accounts.tokens import NotSignedIn
from sampler.backend.web import repetition
from sampler.backend.web.media import refuse_other_than_json
from sampler.backend.web.problems import problem

AnyRequest = Request[Any, Any, Any]
MAX_BODY_BYTES = 16 * 1024
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def _unfit(_: AnyRequest, error: Unfit) -> Response[bytes]:
    return problem(422, title="One or more fields cannot be used.", errors=error.errors)


def _taken(_: AnyRequest, __: EmailTaken) -> Response[bytes]:
    return problem(409, "This e-mail is registered already.")


def _not_logged_in(_: AnyRequest, __: NotLoggedIn) -> Response[bytes]:
    return problem(401, "The e-mail or the password is wrong, or the user is disabled.", _CHALLENGE)


def _not_signed_in(_: AnyRequest, error: NotSignedIn) -> Response[bytes]:
    return problem(401, f"This refresh token is of no use: {error}. Log in again.", _CHALLENGE)


def _too_many(_: AnyRequest, error: TooMany) -> Response[bytes]:
    return problem(429, f"{error}.".capitalize(), {"Retry-After": str(error.wait_s)})


def _too_busy(_: AnyRequest, __: TooBusy) -> Response[bytes]:
    return problem(503, "Too many others are logging in at the moment.", {"Retry-After": "1"})


_PUBLIC: dict[str, Any] = {
    "opt": {"scope": None},
    "request_max_body_size": MAX_BODY_BYTES,
    "exception_handlers": {
        Unfit: _unfit,
        EmailTaken: _taken,
        NotLoggedIn: _not_logged_in,
        NotSignedIn: _not_signed_in,
        TooMany: _too_many,
        TooBusy: _too_busy,
    },
}


@post("/auth/register", status_code=201, **_PUBLIC)
async def register(
    request: AnyRequest, desk: NamedDependency[Desk], keys: NamedDependency[Keys]
) -> Response[bytes]:
    """Add a user."""
    body = await _json(request)
    once = repetition.of_fingerprint(request, keys.fingerprint(body))
    return repetition.response(await desk.register(documents.registering(body), once))


@post("/auth/login", status_code=200, **_PUBLIC)
async def login(request: AnyRequest, desk: NamedDependency[Desk]) -> Response[bytes]:
    """Give the tokens of a new session."""
    asked = documents.logging_in(await _json(request))
    return _tokens(await desk.log_in(asked, request.client.host if request.client else ""))


@post("/auth/refresh", status_code=200, **_PUBLIC)
async def refresh(request: AnyRequest, sessions: NamedDependency[Sessions]) -> Response[bytes]:
    """Give the session's next tokens for its refresh token, which is of no use then."""
    return _tokens(await sessions.refresh(documents.refresh_token(await _json(request))))


@post("/auth/logout", status_code=204, **_PUBLIC)
async def logout(request: AnyRequest, sessions: NamedDependency[Sessions]) -> None:
    """End the session of a refresh token."""
    await sessions.end(documents.refresh_token(await _json(request)))


async def _json(request: AnyRequest) -> bytes:
    refuse_other_than_json(request)
    return await request.body()


def _tokens(pair: Pair) -> Response[bytes]:
    # Secrets: nobody on the way is to keep them (RFC 6749, 5.1), and we do not either.
    return Response(
        msgspec.json.encode(pair), media_type="application/json", headers={"Cache-Control": "no-store"}
    )


ROUTES = [register, login, refresh, logout]
