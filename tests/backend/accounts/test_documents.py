"""What may be registered."""

# ruff: noqa: S105, S106 - nobody has these passwords

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.accounts.documents import Email, Unfit, email, logging_in, refresh_token, registering
from sampler.backend.web.problems import Invalid
from tests.backend.accounts.speaking import ADA


def document(**changes: Any) -> bytes:
    return json.dumps(ADA | changes).encode()


def faults(body: bytes) -> dict[str, Any]:
    with pytest.raises(Unfit) as unfit:
        registering(body)
    return dict(unfit.value.errors)


def test_a_document_gives_what_a_user_is_made_of() -> None:
    asked = registering(document())

    assert (asked.username, asked.password) == ("Ada", "correct horse")
    assert asked.email == Email("ada@example.com", "ada@example.com")


def test_fields_that_nobody_asked_for_do_not_matter() -> None:
    assert registering(document(confirm_password="x", age=[1, {"a": 2}])) == registering(document())
    assert registering(b"\xef\xbb\xbf" + document()) == registering(document())


def test_every_field_at_fault_is_named() -> None:
    assert faults(b"{}") == {name: ["It is required."] for name in ("username", "email", "password")}
    assert faults(document(username=1, email=[], password=None)) == {
        "username": ["It must be a string."],
        "email": ["It must be a string."],
        "password": ["It is required."],
    }


@pytest.mark.parametrize("body", [b"", b"{", b"{}x", b"\xff", b'{"username": "\\ud800"}', b"[" * 20_000])
def test_what_is_no_json_is_told_apart_from_what_cannot_be_used(body: bytes) -> None:
    with pytest.raises(Invalid) as invalid:
        registering(body)

    assert not isinstance(invalid.value, Unfit)
    assert list(invalid.value.errors) == ["$"]


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null", b"7"])
def test_json_that_is_no_object_cannot_be_used(body: bytes) -> None:
    assert faults(body) == {"$": ["The document must be an object."]}


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Ada.Lovelace@Example.COM", "ada.lovelace@example.com"),
        ("  ada@example.com\n", "ada@example.com"),
        ("a+news@localhost", "a+news@localhost"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("\uff41d\uff41\uff20example.com", "ada@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("ÉVA@exämple.com", "éva@exämple.com"),
        ("e\u0301va@example.com", "éva@example.com"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
        ("a@" + "b" * 63 + ".com", "a@" + "b" * 63 + ".com"),
        ("192@example.c", "192@example.c"),
        ("a@1.2", "a@1.2"),
    ],
)
def test_addresses_are_compared_however_they_are_written(written: str, folded: str) -> None:
    assert email(written).folded == folded


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@@example.com",
        "ada@example@com",
        "ada\ufe6bx@example.com",  # a small @ besides
        "ada lovelace@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..b@example.com",
        '"ada"@example.com',
        "Ada <ada@example.com>",
        "ada@example.com.",
        "ada@.com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exam ple.com",
        "ada@[127.0.0.1]",
        "ada@example.com\0",
        "a\0da@example.com",
        "ada\r\nbcc:bob@example.com",
        "ada\u202e@example.com",
        "a\u200bda@example.com",
        "x" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "mailto:ada@example.com",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="must be an e-mail address"):
        email(written)


@pytest.mark.parametrize("written", ["a@" + "b." * 126 + "c", "a" * 10_000, "\ufdfa" * 15 + "@example.com"])
def test_an_address_is_short_also_when_it_is_written_out(written: str) -> None:
    with pytest.raises(ValueError, match="must not be longer than 254 bytes"):
        email(written)


@pytest.mark.parametrize(
    "name", ["A", "x" * 100, "Ada Lovelace", "Ζωή", "علی\u200cپور", "👩\u200d🔬", "<b>", "'; --"]
)
def test_a_name_is_what_somebody_calls_oneself(name: str) -> None:
    assert registering(document(username=name)).username == name


def test_white_space_around_a_name_is_nobodys_name() -> None:
    assert registering(document(username="  Ada\n")).username == "Ada"
    assert faults(document(username=" \t ")) == {"username": ["It must have 1 to 100 characters."]}


@pytest.mark.parametrize("name", ["A\0", "A\nB", "A\x1b[31m", "A\u202eB", "A\u2028B", "A\x85B"])
def test_a_name_that_would_garble_a_list_is_refused(name: str) -> None:
    assert faults(document(username=name)) == {"username": ["It must not hold control characters."]}


def test_a_name_of_a_hundred_and_one_is_too_long() -> None:
    assert faults(document(username="x" * 101)) == {"username": ["It must have 1 to 100 characters."]}


@pytest.mark.parametrize("password", ["123456", " " * 6, "ÄÖÜäöü", "x" * 1024, "é" * 512, "a\0b\0c\0"])
def test_a_password_is_anything_of_six_to_1024_bytes(password: str) -> None:
    assert registering(document(password=password)).password == password


@pytest.mark.parametrize("password", ["", "12345", "e\u0301" * 5, "🔑" * 5])
def test_a_password_of_five_is_too_short(password: str) -> None:
    assert faults(document(password=password)) == {"password": ["It must have at least 6 characters."]}


@pytest.mark.parametrize("password", ["x" * 1025, "é" * 513])
def test_a_password_of_more_than_1024_bytes_is_too_long(password: str) -> None:
    assert faults(document(password=password)) == {"password": ["It must not be longer than 1024 bytes."]}


def test_a_password_is_the_same_however_a_keyboard_writes_it() -> None:
    assert registering(document(password="cafe\u0301s!")) == registering(document(password="caf\u00e9s!"))


def test_a_login_asks_not_how_long_a_password_should_be() -> None:
    assert logging_in(document(password="x")).password == "x"
    with pytest.raises(Unfit):
        logging_in(document(password="x" * 1025))


def test_a_refresh_is_one_string() -> None:
    assert refresh_token(b'{"refresh_token": "x"}') == "x"
    with pytest.raises(Unfit):
        refresh_token(b'{"refresh_token": 1}')


@given(st.text() | st.from_regex(r".+@.+", fullmatch=True))
def test_any_text_is_an_address_or_not_and_never_anything_worse(text: str) -> None:
    try:
        found = email(text)
    except ValueError:
        return
    assert email(found.folded).folded == found.folded
    assert "\0" not in found.written + found.folded


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    for read in (registering, logging_in, refresh_token):
        with contextlib.suppress(Invalid):
            read(body)
