"""Who asks: for handlers that are for users, the argument `user: NamedDependency[int]`."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException

from sampler.backend.accounts.sessions import Sessions
from sampler.backend.accounts.tokens import NotSignedIn
from sampler.backend.web import asker

_SCHEME = "bearer"


async def user(request: Request[Any, Any, Any], sessions: NamedDependency[Sessions]) -> int:
    """Give the number of the user whose access token the request carries; anything else is answered 401.

    Before the body is read, and before the other arguments are looked at. Receipts learn who it was.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != _SCHEME or not token.strip():
        raise NotAuthorizedException(
            "It needs Authorization: Bearer and the access_token of a login.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    try:
        number = await sessions.user(token.strip())
    except NotSignedIn as error:
        raise NotAuthorizedException(
            f"No access for this token: {error}.",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},  # RFC 6750, 3.1
        ) from error
    asker.note(request, f"user {number}")
    return number
