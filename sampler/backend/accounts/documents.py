"""What clients post to /auth: JSON -> checked values, or what is wrong with which field."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sampler.backend.web.decoding import decoded
from sampler.backend.web.problems import Invalid

MIN_PASSWORD, MAX_PASSWORD_BYTES = 6, 1024
MAX_USERNAME = 100
MAX_EMAIL = 254
# One @, nothing that mail servers take only in quotes (RFC 5321, 4.1.2); letters beyond ASCII are fine (RFC 6531).
_ATOM = r'[^\s.@"(),:;<>\[\]\\]+'
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # some scripts and emoji need these invisible ones


class Unfit(Invalid):
    """The document is JSON, but its fields cannot be used. Answer 422."""


@dataclass(frozen=True, slots=True)
class Email:
    """An address as it was written, and as it is compared: two that differ in case only are one."""

    written: str
    folded: str


@dataclass(frozen=True, slots=True)
class Registering:
    """Somebody who wants to be a user."""

    username: str
    email: Email
    password: str


@dataclass(frozen=True, slots=True)
class LoggingIn:
    """Somebody who says which user it is."""

    email: Email
    password: str


def registering(body: bytes) -> Registering:
    """Read {username, email, password}. Raises Invalid, Unfit."""
    return Registering(*_read(body, username=_username, email=email, password=_new_password))


def logging_in(body: bytes) -> LoggingIn:
    """Read {email, password}. Raises Invalid, Unfit."""
    return LoggingIn(*_read(body, email=email, password=_password))


def refresh_token(body: bytes) -> str:
    """Read {refresh_token}. Raises Invalid, Unfit."""
    [token] = _read(body, refresh_token=str)
    return str(token)


def email(value: str) -> Email:
    """Read an e-mail address; raises ValueError with words for the person who wrote it."""
    written = unicodedata.normalize("NFC", value).strip()
    # NFKC makes one of all ways to write a letter, such as full-width; folding the case can undo it, so again.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", written).casefold())
    if len(folded.encode()) > MAX_EMAIL or len(written.encode()) > MAX_EMAIL:
        raise ValueError(f"must not be longer than {MAX_EMAIL} bytes")
    if not (written.isprintable() and folded.isprintable() and _EMAIL.fullmatch(folded)):
        raise ValueError("must be an e-mail address")
    return Email(written, folded)


def _read(body: bytes, **fields: Callable[[str], Any]) -> list[Any]:
    """Give the value of each field, in order; further fields of the document do not matter."""
    document = _object(body)
    values, faults = [], {}
    for name, check in fields.items():
        try:
            values.append(check(_string(document.get(name))))
        except ValueError as error:
            faults[name] = [f"It {error}."]
    if faults:
        raise Unfit(faults)
    return values


def _object(body: bytes) -> dict[str, Any]:
    document = decoded(body)
    if not isinstance(document, dict):
        raise Unfit({"$": ["The document must be an object."]})
    return document


def _string(value: object) -> str:
    if value is None:
        raise ValueError("is required")
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004 - the caller gathers ValueErrors for the client
    return value


def _username(value: str) -> str:
    name = unicodedata.normalize("NFC", value).strip()
    if not 1 <= len(name) <= MAX_USERNAME:
        raise ValueError(f"must have 1 to {MAX_USERNAME} characters")
    if not name.translate(_JOINERS).isprintable():
        raise ValueError("must not hold control characters")
    return name


def _new_password(value: str) -> str:
    password = _password(value)
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"must have at least {MIN_PASSWORD} characters")
    return password


def _password(value: str) -> str:
    # The same é, however a keyboard writes it (RFC 8265, 4.2.2).
    password = unicodedata.normalize("NFC", value)
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        raise ValueError(f"must not be longer than {MAX_PASSWORD_BYTES} bytes")
    return password
