"""Tokens of devices and services: who holds them and what they may do. The tokens themselves are not here."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sampler.backend.store import Session

SCOPES = ("write:A", "write:B", "write:C", "write:D", "read", "admin")
"""What a token can be for; `admin` may do what any of the others may."""
_PREFIX = "sampler_"
_BITS = 256

_COLUMNS = "number, name, scopes, created, expires, revoked"
_ADD = """
INSERT INTO tokens (name, hash, scopes, created, expires) VALUES (:name, :hash, :scopes, :created, :expires)
"""
_NAMED = "SELECT number FROM tokens WHERE name = :name AND revoked IS NULL"
_ALL = f"SELECT {_COLUMNS} FROM tokens ORDER BY number"  # noqa: S608 - constants
_LIVE = f"""
SELECT hash, {_COLUMNS} FROM tokens WHERE revoked IS NULL AND (expires IS NULL OR expires > :now)
"""  # noqa: S608 - constants
_REVOKE = """
UPDATE tokens SET revoked = :now
WHERE revoked IS NULL AND (name = :name OR number = CAST(:number AS BIGINT))
"""


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; times are seconds since 1970."""

    number: int
    name: str
    scopes: frozenset[str]
    created: int
    expires: int | None
    revoked: int | None = None

    def is_live(self, now: float) -> bool:
        """Whether it opens anything at that time."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def allows(self, scope: str) -> bool:
        """Whether it is for that."""
        return scope in self.scopes or "admin" in self.scopes


class NameTaken(Exception):  # noqa: N818 - it says what it is
    """A token of that name has not been revoked. Choose another, or revoke it."""


def make() -> str:
    """Make a token of 256 random bits; its beginning tells people and scanners of secrets what it is."""
    return _PREFIX + secrets.token_urlsafe(_BITS // 8)


def hashed(token: str) -> bytes:
    """Give what is stored of a token. Nobody can guess 256 bits, so neither salt nor a slow hash adds anything."""
    return hashlib.sha256(token.encode()).digest()


def add(session: Session, hashed_token: bytes, token: Token) -> None:
    """Let the token open what it is for; its number is given by the store. Raises NameTaken."""
    if session.row(_NAMED, name=token.name):
        raise NameTaken(token.name)
    scopes = " ".join(sorted(token.scopes))
    dates = {"created": token.created, "expires": token.expires}
    session.run(_ADD, name=token.name, hash=hashed_token, scopes=scopes, **dates)


def listed(session: Session) -> list[Token]:
    """Give all of them, the oldest first."""
    return [_token(row) for row in session.rows(_ALL)]


def live(session: Session, now: int) -> dict[bytes, Token]:
    """Give those that open something, by their hashes."""
    return {bytes(hash_): _token(row) for hash_, *row in session.rows(_LIVE, now=now)}


def revoke(session: Session, name_or_number: str, now: int) -> bool:
    """End the token with that name, or else that number; false if there is none that is not revoked."""
    if session.run(_REVOKE, name=name_or_number, number=None, now=now):
        return True
    number = int(name_or_number) if name_or_number.isdecimal() and len(name_or_number) < 19 else None
    return bool(session.run(_REVOKE, name=None, number=number, now=now))


def _token(row: Sequence[Any]) -> Token:
    number, name, scopes, created, expires, revoked = row
    return Token(number, name, frozenset(scopes.split()), created, expires, revoked)
