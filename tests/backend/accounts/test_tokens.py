"""Tokens: what is believed, and what is not."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.accounts.keys import Key, Keys
from sampler.backend.accounts.tokens import NotSignedIn, Ticket, Tokens

NOW = 1_700_000_000
OLD, NEW, FOREIGN = Key(b"o" * 64), Key(b"n" * 64), Key(b"f" * 64)
TICKET = Ticket(7, "session", 3)


def tokens(now: float = NOW, *keys: Key) -> Tokens:
    return Tokens(Keys(keys or (NEW, OLD)), lambda: now)


def claims(**changes: Any) -> dict[str, Any]:
    whole = {
        "iss": "sampler",
        "aud": "sampler/v1",
        "sub": "7",
        "sid": "session",
        "jti": "x",
        "iat": NOW,
        "exp": NOW + 900,
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def signed(payload: dict[str, Any], key: Key = NEW, algorithm: str = "HS256", **header: Any) -> str:
    secret = None if algorithm == "none" else key.secret
    return jwt.encode(payload, secret, algorithm, headers={"kid": key.name} | header)  # type: ignore[arg-type]


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def by_hand(header: bytes, payload: bytes, key: Key = NEW) -> str:
    """A token signed rightly whatever its parts say."""
    head = f"{part(header)}.{part(payload)}"
    return f"{head}.{part(hmac.digest(key.secret, head.encode(), hashlib.sha256))}"


def test_an_access_token_says_whose_session_it_is_of_and_for_a_quarter_of_an_hour() -> None:
    token = tokens().access(TICKET)

    header, payload = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    assert header == {"alg": "HS256", "typ": "JWT", "kid": NEW.name}
    assert len(payload.pop("jti")) == 16
    assert payload == {
        "iss": "sampler",
        "aud": "sampler/v1",
        "sub": "7",
        "sid": "session",
        "iat": NOW,
        "exp": NOW + 15 * 60,
    }


def test_a_refresh_token_is_the_same_each_time_and_lasts_thirty_days() -> None:
    token = tokens().refresh(TICKET, NOW)

    payload = jwt.decode(token, options={"verify_signature": False})
    assert payload["exp"] == NOW + 30 * 24 * 60 * 60
    assert payload["aud"] == "sampler/auth"
    assert tokens(NOW + 5).refresh(TICKET, NOW) == token


def test_each_kind_gives_back_what_it_stands_for() -> None:
    assert tokens().read_access(tokens().access(TICKET)) == Ticket(7, "session")
    assert tokens().read_refresh(tokens().refresh(TICKET, NOW)) == TICKET


def test_none_is_taken_for_the_other() -> None:
    with pytest.raises(NotSignedIn):
        tokens().read_access(tokens().refresh(TICKET, NOW))
    with pytest.raises(NotSignedIn):
        tokens().read_refresh(tokens().access(TICKET))


def test_a_key_that_signs_no_more_is_still_believed_until_it_is_taken_away() -> None:
    token = tokens(NOW, OLD).access(TICKET)

    assert tokens(NOW, NEW, OLD).read_access(token).user == 7
    with pytest.raises(NotSignedIn, match="not signed by this backend"):
        tokens(NOW, NEW).read_access(token)


@pytest.mark.parametrize(
    ("after", "believed"), [(0, True), (899, True), (959, True), (960, False), (-60, True), (-61, False)]
)
def test_it_ends_with_its_time_give_or_take_a_minute_of_clocks_that_differ(
    after: int, believed: bool
) -> None:
    token = tokens().access(TICKET)

    if believed:
        assert tokens(NOW + after).read_access(token).user == 7
    else:
        with pytest.raises(NotSignedIn):
            tokens(NOW + after).read_access(token)


def test_a_refresh_token_that_has_expired_will_do_where_that_does_not_matter() -> None:
    token = tokens().refresh(TICKET, NOW)
    much_later = tokens(NOW + 10**8)

    with pytest.raises(NotSignedIn, match="expired"):
        much_later.read_refresh(token)
    assert much_later.read_refresh(token, ended=True) == TICKET


FORGERIES: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "garbage": lambda: "garbage",
    "dots": lambda: "..",
    "three parts of nothing": lambda: "e30.e30.e30",
    "not ASCII": lambda: "ä.ö.ü",
    "10 KB": lambda: "a" * 10_240,
    "10 KB in three parts": lambda: f"{part(b'x' * 3400)}." * 2 + part(b"x" * 3400),
    "a header nested deep": lambda: f"{part(b'[' * 1200)}.e30.e30",
    "a header that is no object": lambda: by_hand(b'"HS256"', json.dumps(claims()).encode()),
    "a payload that is no object": lambda: by_hand(
        json.dumps({"alg": "HS256", "kid": NEW.name}).encode(), b"[7]"
    ),
    "alg none": lambda: signed(claims(), algorithm="none"),
    "alg None": lambda: by_hand(
        b'{"alg":"None","kid":"%b"}' % NEW.name.encode(), json.dumps(claims()).encode()
    ),
    "another alg with our key": lambda: signed(claims(), algorithm="HS512"),
    "an alg that nobody knows": lambda: by_hand(
        b'{"alg":"XX1","kid":"%b"}' % NEW.name.encode(), json.dumps(claims()).encode()
    ),
    "a list of algs": lambda: by_hand(
        b'{"alg":["HS256"],"kid":"%b"}' % NEW.name.encode(), json.dumps(claims()).encode()
    ),
    "a foreign key": lambda: signed(claims(), FOREIGN),
    "a foreign key under our key's name": lambda: signed(claims(), FOREIGN, kid=NEW.name),
    "no kid": lambda: by_hand(b'{"alg":"HS256"}', json.dumps(claims()).encode()),
    "a kid that is a file": lambda: signed(claims(), kid="../../dev/null"),
    "an extension that it calls critical": lambda: signed(claims(), crit=["b64"], b64=False),
    "another audience": lambda: signed(claims(aud="sampler/v2")),
    "no audience": lambda: signed(claims(aud=None)),
    "another issuer": lambda: signed(claims(iss="somebody")),
    "no issuer": lambda: signed(claims(iss=None)),
    "no end": lambda: signed(claims(exp=None)),
    "no beginning": lambda: signed(claims(iat=None)),
    "no session": lambda: signed(claims(sid=None)),
    "no user": lambda: signed(claims(sub=None)),
    "no name": lambda: signed(claims(jti=None)),
    "a signature cut off": lambda: signed(claims()).rpartition(".")[0] + ".",
    "a changed letter": lambda: signed(claims()).replace(".", ".A", 1),
    "white space": lambda: signed(claims()).replace(".", " . "),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_we_did_not_write_is_not_believed(forgery: str) -> None:
    with pytest.raises(NotSignedIn):
        tokens().read_access(FORGERIES[forgery]())


@given(st.text() | st.text("abc.=_-e30", min_size=5) | st.lists(st.binary(), min_size=3, max_size=3))
def test_nothing_at_all_is_believed_by_chance(text: str | list[bytes]) -> None:
    with pytest.raises(NotSignedIn):
        tokens().read_access(text if isinstance(text, str) else ".".join(map(part, text)))


def test_the_forgeries_differ_from_what_is_believed_only_in_what_they_are_named_for() -> None:
    assert tokens().read_access(signed(claims())) == Ticket(7, "session")
    header = json.dumps({"alg": "HS256", "kid": NEW.name}).encode()
    assert tokens().read_access(by_hand(header, json.dumps(claims()).encode())) == Ticket(7, "session")
