"""The documents of registering, logging in and refreshing, and the tokens that logins give."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from fuzzing.cutting import header
from fuzzing.places import folder
from fuzzing.target import Target
from sampler.backend.accounts import documents
from sampler.backend.accounts.documents import MAX_EMAIL, MAX_PASSWORD_BYTES, MAX_USERNAME, MIN_PASSWORD
from sampler.backend.accounts.keys import Key, Keys, read_keys
from sampler.backend.accounts.tokens import NotSignedIn, Ticket, Tokens
from sampler.backend.settings import CannotStart, Settings
from sampler.backend.web.problems import Invalid

_NOW = 1_700_000_000
_TOKENS = Tokens(Keys((Key(b"a key of forty-three characters or more...."),)), lambda: _NOW)
_TICKET = Ticket(7, "session", 3)
_GOOD = {_TOKENS.read_access: Ticket(7, "session"), _TOKENS.read_refresh: _TICKET}


def one(data: bytes) -> None:
    (which,), body = header(data, 1)
    (check_registering, check_logging_in, check_refreshing, check_tokens, check_keys)[which % 5](body)


def check_registering(body: bytes) -> None:
    found = read(documents.registering, body)
    if found is not None:
        assert 1 <= len(found.username) <= MAX_USERNAME
        assert found.username == found.username.strip()
        assert len(found.password) >= MIN_PASSWORD
        assert len(found.password.encode()) <= MAX_PASSWORD_BYTES
        check_email(found.email)
        again = {"username": found.username, "email": found.email.written, "password": found.password}
        assert documents.registering(json.dumps(again).encode()) == found


def check_logging_in(body: bytes) -> None:
    found = read(documents.logging_in, body)
    if found is not None:
        assert len(found.password.encode()) <= MAX_PASSWORD_BYTES
        check_email(found.email)


def check_email(email: documents.Email) -> None:
    assert "@" in email.folded
    assert len(email.folded.encode()) <= MAX_EMAIL
    assert email.written.isprintable()
    assert documents.email(email.folded).folded == email.folded, "folding folds further"


def check_refreshing(body: bytes) -> None:
    found = read(documents.refresh_token, body)
    if found is not None:
        check_token(found)


def check_tokens(body: bytes) -> None:
    check_token(body.decode("latin-1"))  # as headers come


def check_token(token: str) -> None:
    for reader, ticket in _GOOD.items():
        try:
            assert reader(token) == ticket, "nobody has signed that"
        except NotSignedIn as error:
            assert str(error).isprintable()


def check_keys(body: bytes) -> None:
    """Read the file of keys that says this."""
    file = folder() / "keys"
    file.touch(0o600)
    file.write_bytes(body)
    try:
        keys = read_keys(Settings("sqlite:///nowhere", key_file=file))
    except CannotStart as error:
        assert str(file) in str(error)
        return
    assert keys.named(keys.signing.name) == keys.signing
    assert all(len(key.secret) >= 43 for key in keys.all)


def read(reader: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return reader(body)
    except Invalid as error:
        assert error.errors
        assert all(words for words in error.errors.values())
        return None


def seeds() -> Iterator[bytes]:
    ada = {"username": "Ada", "email": "ada@example.com", "password": "correct horse"}
    for which in (b"\0", b"\1", b"\2"):
        yield which + json.dumps(ada).encode()
    yield (
        b"\0"
        + json.dumps(
            {"username": "e\u0301\u200d", "email": "\uff21da@ex\u00e4mple.\u0130", "password": "\u00e9" * 6}
        ).encode()
    )
    yield b"\2" + json.dumps({"refresh_token": _TOKENS.refresh(_TICKET, _NOW)}).encode()
    yield b"\4# new\n" + b"k" * 43 + b"\n\n" + b"a/+_=-" * 10
    yield b"\3" + _TOKENS.access(_TICKET).encode()
    yield b"\3" + _TOKENS.refresh(_TICKET, _NOW).encode()


TARGET = Target(
    "logins: documents and tokens",
    one,
    seeds,
    (
        *(
            b'"username":',
            b'"email":',
            b'"password":',
            b'"refresh_token":',
            b"\\ud800",
            b"@",
            b"\xe2\x80\x8d",
            b"null",
            "𝐀ſİ".encode(),
        ),
        *(b"eyJhbGciOiJub25lIn0.", b".", b"=", b"eyJ"),
    ),
    longest=2048,
    quick=300,
)
