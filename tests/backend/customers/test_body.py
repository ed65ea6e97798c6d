"""The document of a request: what it must have, and the words where it has not."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.customers.body import Body, Broken, read
from tests.backend.customers.speaking import DOCUMENT, document


def faults(body: bytes) -> dict[str, list[str]]:
    with pytest.raises(Broken) as broken:
        read(body)
    return dict(broken.value.errors)


def test_the_published_example_is_read() -> None:
    assert read(document()) == Body(customer=1, address="123.234.56.78")


def test_all_faults_are_named_at_once() -> None:
    assert faults(document(customerID="1", tagID=..., userID=5, remoteIP=None, timestamp=1.5)) == {
        "customerID": ["The customerID field must be an integer of 64 bits."],
        "tagID": ["The tagID field is required."],
        "userID": ["The userID field must be a string."],
        "remoteIP": ["The remoteIP field must be a string."],
        "timestamp": ["The timestamp field must be whole seconds since 1970, before 2200."],
    }


@pytest.mark.parametrize("value", ["1", 1.0, True, None, [1], {}, 2**63, -(2**63) - 1, 10**400])
@pytest.mark.parametrize("field", ["customerID", "tagID", "timestamp"])
def test_what_is_no_integer_is_refused(field: str, value: object) -> None:
    assert set(faults(document(**{field: value}))) == {field}


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 0])
def test_integers_of_64_bits_are_taken(value: int) -> None:
    assert read(document(customerID=value, tagID=value)).customer == value


@pytest.mark.parametrize(
    ("second", "taken"), [(0, True), (7258118399, True), (-1, False), (7258118400, False)]
)
def test_times_lie_between_1970_and_2200(second: int, taken: bool) -> None:
    try:
        read(document(timestamp=second))
    except Broken:
        assert not taken
    else:
        assert taken


def test_a_user_may_be_called_anything() -> None:
    for user in ("", "somebody", "a" * 10_000, "\u0000", "\U0001f600"):
        assert read(document(userID=user))


def test_what_is_no_address_is_left_to_the_judgement() -> None:
    assert read(document(remoteIP="somewhere")) == Body(customer=1, address=None)


def test_unknown_fields_are_passed_over() -> None:
    assert read(document(more={"of": [1, 2.5, None]}, customerid="other")) == Body(1, "123.234.56.78")


def test_a_byte_order_mark_and_space_around_are_let_be() -> None:
    assert read(b"\xef\xbb\xbf \r\n" + document() + b"\n ")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"a"', b"true"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    assert faults(body) == {"$": ["The document must be an object."]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'customerID': 1}",
        document() + b"x",
        document()[:-1] + b",}",
        document(x=...)[:-1] + b',"more":NaN}',
        document()[:-1] + b',"more":"\xff"}',
        document().replace(b"aaaaaaaa", rb"\ud800"),
        document().decode().encode("utf-16"),
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    (words,) = faults(body)["$"]
    assert words.startswith("The body must be JSON: ")


def nested(levels: int) -> bytes:
    return document()[:-1] + b',"more":' + b"[" * levels + b"]" * levels + b"}"


def test_what_is_nested_too_deep_is_refused() -> None:
    assert read(nested(31))  # the document is the first of 32 levels
    for levels in (32, 100_000):
        assert faults(nested(levels)) == {"$": ["It must not be nested deeper than 32 levels."]}


def test_many_that_are_not_nested_are_fine() -> None:
    assert read(document(more=[[]] * 1000))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
PIECES = [
    b'{"customerID":',
    b'"remoteIP":',
    b'"::1"',
    b"1",
    b"null",
    b",",
    b"}",
    b"\\ud800",
    b'"',
    b"[",
    b"\xff",
]


@given(
    st.binary()
    | st.lists(st.sampled_from(PIECES)).map(b"".join)
    | st.dictionaries(st.sampled_from([*DOCUMENT, "x"]), VALUES).map(lambda some: document(**some))
)
def test_any_body_says_what_is_judged_or_is_broken(body: bytes) -> None:
    with contextlib.suppress(Broken):
        assert read(body).customer == json.loads(body)["customerID"]
