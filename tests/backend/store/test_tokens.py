"""Tokens in the store, on both engines."""

import pytest

from sampler.backend.store import Store
from sampler.backend.store import tokens as table
from sampler.backend.store.tokens import NameTaken, Token

NOW = 1_700_000_000


def add(store: Store, name: str, *scopes: str, expires: int | None = None) -> str:
    secret = table.make()
    with store.writing() as session:
        table.add(session, table.hashed(secret), Token(0, name, frozenset(scopes), NOW, expires))
    return secret


def live(store: Store, now: int = NOW) -> dict[bytes, Token]:
    with store.reading() as session:
        return table.live(session, now)


def revoke(store: Store, name: str) -> bool:
    with store.writing() as session:
        return table.revoke(session, name, NOW)


def test_a_token_says_what_it_is_and_is_never_the_same() -> None:
    made = {table.make() for _ in range(100)}

    assert len(made) == 100
    # 256 bits in base64 are 43 characters.
    assert all(token.startswith("sampler_") and len(token) == len("sampler_") + 43 for token in made)


def test_only_its_hash_is_stored(store: Store) -> None:
    secret = add(store, "kitchen", "read")

    with store.reading() as session:
        (row,) = session.rows("SELECT * FROM tokens")
    assert secret not in str(row)
    assert secret.removeprefix("sampler_").encode() not in b"".join(v for v in row if isinstance(v, bytes))
    assert list(live(store)) == [table.hashed(secret)]


def test_it_comes_back_as_it_was_given(store: Store) -> None:
    add(store, "kitchen", "write:A", "read", expires=NOW + 10)

    (token,) = live(store).values()
    assert (token.name, token.scopes) == ("kitchen", {"read", "write:A"})
    assert (token.created, token.expires, token.revoked) == (NOW, NOW + 10, None)


def test_it_is_live_until_the_second_it_expires(store: Store) -> None:
    add(store, "kitchen", "read", expires=NOW + 10)

    assert len(live(store, NOW + 9)) == 1
    assert live(store, NOW + 10) == {}


def test_a_name_is_taken_until_it_is_revoked(store: Store) -> None:
    add(store, "kitchen", "read")
    with pytest.raises(NameTaken):
        add(store, "kitchen", "write:A")

    assert revoke(store, "kitchen")
    second = add(store, "kitchen", "write:A")

    assert list(live(store)) == [table.hashed(second)]
    with store.reading() as session:
        assert [token.revoked for token in table.listed(session)] == [NOW, None]


def test_it_is_revoked_by_its_name_or_number_once(store: Store) -> None:
    add(store, "kitchen", "read")
    add(store, "porch", "read")
    with store.reading() as session:
        numbers = [str(token.number) for token in table.listed(session)]

    assert [revoke(store, "kitchen"), revoke(store, "kitchen"), revoke(store, numbers[0])] == [
        True,
        False,
        False,
    ]
    assert [revoke(store, numbers[1]), revoke(store, numbers[1])] == [True, False]
    assert [revoke(store, "nobody"), revoke(store, "9" * 30)] == [False, False]
