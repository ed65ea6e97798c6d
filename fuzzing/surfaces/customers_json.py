"""Contract C's body."""

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from fuzzing import strict_json
from fuzzing.markdown import json_examples
from fuzzing.target import Target
from sampler.backend.customers import body as bodies
from sampler.backend.customers.body import Body, Broken
from sampler.backend.instants import END_S

_FIELDS = {"customerID": int, "tagID": int, "userID": str, "remoteIP": str, "timestamp": int}


def one(body: bytes) -> None:
    try:
        found = bodies.read(body)
    except Broken as broken:
        assert broken.errors
        assert all(place and words for place, words in broken.errors.items())
        found = None
    try:
        meant = expected(body)
    except strict_json.Unsure:
        return
    assert found == meant


def expected(body: bytes) -> Body | None:
    """Read it by another reader; None if it is broken."""
    try:
        document = strict_json.read(body, twice=False)
    except strict_json.Unsure:
        raise
    except strict_json.Refused:
        return None
    if not isinstance(document, dict) or not all(
        fits(document.get(name), kind) for name, kind in _FIELDS.items()
    ):
        return None
    if not 0 <= document["timestamp"] < END_S:
        return None
    return Body(int(document["customerID"]), address(document["remoteIP"]))


def fits(value: object, kind: type) -> bool:
    if kind is int and type(value) is float and value.is_integer():
        raise strict_json.Unsure("1.0 is an integer to some")
    return type(value) is kind and (kind is str or -(2**63) <= value < 2**63)  # type: ignore[operator]


def address(text: str) -> str | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if "%" in text:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


def seeds() -> Iterator[bytes]:
    yield from json_examples(Path("docs/interfaces/customers.md"))
    yield (
        b'\xef\xbb\xbf{"customerID":-9223372036854775808,"tagID":0,"userID":"\\u00e9","remoteIP":"::ffff:127.0.0.1",'
        b'"timestamp":7258118399,"x":[{"a":[1.5,"\xc3\xa9"]}]}'
    )
    yield b'{"customerID":1.0,"tagID":1e2,"userID":"","remoteIP":"fe80::1%eth0","timestamp":-0}'


TARGET = Target(
    "contract C, JSON",
    one,
    seeds,
    (
        *(f'"{name}":'.encode() for name in _FIELDS),
        *(
            b'"123.234.56.78"',
            b'"::1"',
            b"9223372036854775808",
            b"\\ud800",
            b"null",
            b"[[[[[[[[",
            b"]]]]]]]]",
            b"1.0",
        ),
    ),
    quick=800,
)
