"""Addresses and agents in the one form in which they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.customers.senders import address, words


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("123.234.56.78", "123.234.56.78"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::FFFF:7f00:1", "127.0.0.1"),
        ("::1", "::1"),
        ("::127.0.0.1", "::7f00:1"),  # this form is out of use (RFC 4291), and another machine's
    ],
)
def test_an_address_has_one_form(text: str, form: str) -> None:
    assert address(text) == form


@pytest.mark.parametrize(
    "text",
    [
        "", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "1.2.3.4/32", "1.2.3.4:80", "[::1]",
        "0x7f.1", "2130706433",
        "127.0.0.01",  # eight or one, depending on the reader
        "\u0661.2.3.4", "fe80::1%eth0", "1:2:3:4:5:6:7:8:9", ":::", "1.2.3.4\x00",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        address(text)


@given(st.ip_addresses())
def test_the_form_of_a_form_is_itself(found: object) -> None:
    assert address(address(str(found))) == address(str(found))


def test_an_agent_is_its_words() -> None:
    agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    assert words(agent) == "mozilla 5.0 compatible googlebot 2.1 +http www.google.com bot.html"


def test_a_hyphen_does_not_end_a_word() -> None:
    assert words("Googlebot-News") == "googlebot-news"


def test_an_agent_without_words_has_none() -> None:
    assert words(" (/) ") == words("") == "" == words("\xe9\u4e2d")


def test_what_is_behind_two_thousand_characters_is_not_looked_at() -> None:
    assert words("(" * 2000 + "Googlebot") == ""
