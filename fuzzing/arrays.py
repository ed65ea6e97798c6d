"""Arrays of objects that are read while they come in, held against one that is read whole by another reader."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fuzzing import strict_json
from fuzzing.cutting import header, pieces
from sampler.backend.web import arrays
from sampler.backend.web.arrays import Elements
from sampler.backend.web.objects import Objects
from sampler.backend.web.problems import Invalid

MOST = 50
"""Elements in an array."""
_PIECES = (64 * 1024, 16, 64, 256, 1024)
"""Bytes in a piece: the product's own number, and smaller ones, so that short inputs come in many pieces."""
HEADER = 2

Found = list[Any] | Invalid


def check(objects: Objects[Any], fields: Mapping[str, type], data: bytes) -> Found:
    """Read the input in two ways and compare. Gives what was read, or how it was refused."""
    (how, size), body = header(data, HEADER)
    piece = _PIECES[size % len(_PIECES)]
    found = in_pieces(objects, pieces(body, how), piece)
    if isinstance(found, Invalid):
        check_refusal(found, body)
    try:
        meant = expected(fields, body)
    except strict_json.Unsure:
        return found
    except strict_json.Refused as refused:
        assert isinstance(found, Invalid), f"it was taken: {refused}"
        return found
    if isinstance(found, Invalid):
        assert "bytes." in str(found), f"it was refused: {found}"
        assert widest(body) > piece, f"no element is so long: {found}"
    else:
        assert [msgspec.structs.asdict(element) for element in found] == meant
    return found


def in_pieces(objects: Objects[Any], chunks: list[bytes], piece: int) -> Found:
    usual, arrays.PIECE_BYTES = arrays.PIECE_BYTES, piece
    elements, found = Elements(objects, MOST), list[Any]()
    try:
        for chunk in chunks:
            for some in elements.feed(chunk):
                assert some, "an empty piece"
                found += some
                assert elements.count == len(found)
        found += elements.end()
    except Invalid as error:
        return error
    finally:
        arrays.PIECE_BYTES = usual
    assert elements.count == len(found)
    return found


def expected(fields: Mapping[str, type], body: bytes) -> list[dict[str, Any]]:
    """Read it whole. Raises Refused."""
    document = strict_json.read(body)
    if not isinstance(document, list) or len(document) > MOST:
        raise strict_json.Refused("no array, or a long one")
    return [_element(fields, element) for element in document]


def _element(fields: Mapping[str, type], element: Any) -> dict[str, Any]:
    if not isinstance(element, dict) or not fields.keys() <= element.keys():
        raise strict_json.Refused("no such object")
    return {name: _value(kind, element[name]) for name, kind in fields.items()}


def _value(kind: type, value: Any) -> Any:
    takes: Callable[[Any], bool] = (
        (lambda v: type(v) is str) if kind is str else (lambda v: type(v) in {int, float})
    )
    if not takes(value):
        raise strict_json.Refused(f"{value!r} is no {kind.__name__}")
    try:
        return kind(value)
    except OverflowError as error:
        raise strict_json.Refused(str(error)) from error


def widest(body: bytes) -> int:
    """Give the most bytes that lie between two commas of the array, or a comma and a bracket."""
    text = body.removeprefix(b"\xef\xbb\xbf").decode()
    decoder, at, most = json.JSONDecoder(), text.index("[") + 1, 0
    while True:
        start = at
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n"))
        if text[at] != "]":
            _, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n"))
        most = max(most, len(text[start : at + 1].encode()))
        if text[at] == "]":
            return most
        at += 1


def check_refusal(error: Invalid, body: bytes) -> None:
    """See that a refusal names a place that there is."""
    assert error.errors
    for place, words in error.errors.items():
        assert words
        assert all(isinstance(word, str) and word for word in words)
        if place.startswith("[") and (number := place[1:].partition("]")[0]).isdigit():
            assert int(number) <= MOST
        for word in words:
            if "(byte " in word:
                # Behind the end, too, where one object was wanted and a bracket follows it.
                assert int(word.rpartition("(byte ")[2].partition(")")[0]) <= len(body) + 1
