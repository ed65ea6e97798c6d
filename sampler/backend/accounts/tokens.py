"""Tokens that say who asks: JSON Web Tokens (RFC 7519), signed with HMAC-SHA256 by a key that only we have."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from sampler.backend.accounts.keys import Keys

ACCESS_S = 15 * 60
REFRESH_S = 30 * 86_400
LEEWAY_S = 60
"""How far the clocks of instances may be apart, and one clock may step, without anybody noticing."""
_MAX_LENGTH = 2048
_ISSUER = "sampler"
# Each kind has its own audience, so that none is ever taken for the other (RFC 8725, 3.12).
_ACCESS, _REFRESH = "sampler/v1", "sampler/auth"
_CLAIMS = ("iss", "aud", "sub", "sid", "jti", "iat", "exp")


class NotSignedIn(Exception):  # noqa: N818 - it says what it is
    """The token says nothing that we believe. Answer 401; another token may do."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in a session: what an access or a refresh token stands for."""

    user: int
    session: str
    """128 random bits that nobody can guess; the store knows only their hash."""
    turn: int = 0
    """How often the session's refresh token has been changed for a new one."""

    @property
    def stored_session(self) -> bytes:
        """What the store knows the session by."""
        return hashlib.sha256(self.session.encode()).digest()


def new_session() -> str:
    """Draw the name of a session."""
    return secrets.token_urlsafe(16)


class Tokens:
    """Writes tokens and reads them."""

    def __init__(self, keys: Keys, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives the seconds since 1970."""
        self.keys = keys
        self.clock = clock

    def access(self, ticket: Ticket) -> str:
        """Write a token that opens /v1 for a quarter of an hour."""
        return self._write(_ACCESS, ticket, secrets.token_urlsafe(12), int(self.clock()), ACCESS_S)

    def refresh(self, ticket: Ticket, issued: int) -> str:
        """Write the refresh token of this turn: the same each time, as it has the same `issued`."""
        return self._write(_REFRESH, ticket, f"{ticket.session}.{ticket.turn}", issued, REFRESH_S)

    def read_access(self, token: str) -> Ticket:
        """Give what an access token stands for. Raises NotSignedIn."""
        claims = self._read(_ACCESS, token)
        return Ticket(int(claims["sub"]), claims["sid"])

    def read_refresh(self, token: str, *, ended: bool = False) -> Ticket:
        """Give what a refresh token stands for, or stood for if one that has `ended` will do. Raises NotSignedIn."""
        claims = self._read(_REFRESH, token, ended=ended)
        return Ticket(int(claims["sub"]), claims["sid"], int(claims["jti"].rpartition(".")[2]))

    def _write(self, audience: str, ticket: Ticket, name: str, issued: int, lasts_s: int) -> str:
        claims = {
            "iss": _ISSUER,
            "aud": audience,
            "sub": str(ticket.user),
            "sid": ticket.session,
            "jti": name,
            "iat": issued,
            "exp": issued + lasts_s,
        }
        key = self.keys.signing
        return jwt.encode(claims, key.secret, "HS256", headers={"kid": key.name})

    def _read(self, audience: str, token: str, *, ended: bool = False) -> dict[str, Any]:
        if len(token) > _MAX_LENGTH:
            raise NotSignedIn("the token is too long")
        try:
            key = self.keys.named(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise NotSignedIn("the token is not signed by this backend")
            claims: dict[str, Any] = jwt.decode(
                token,
                key.secret,
                algorithms=["HS256"],
                issuer=_ISSUER,
                audience=audience,
                # The times are compared below, with the clock that we were given.
                options={
                    "require": list(_CLAIMS),
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.InvalidTokenError, RecursionError, ValueError) as error:
            raise NotSignedIn("the token is not valid") from error
        self._refuse_outside_its_time(claims, ended=ended)
        return claims

    def _refuse_outside_its_time(self, claims: dict[str, Any], *, ended: bool) -> None:
        now = self.clock()
        if claims["exp"] <= now - LEEWAY_S and not ended:
            raise NotSignedIn("the token has expired")
        # After the clock was set back by more than the leeway: else it would live longer by as much.
        if claims["iat"] > now + LEEWAY_S:
            raise NotSignedIn("the token is of a time to come")
