"""JSON that cannot be read, and JSON that is nested too deep: refused in the same words wherever it comes in."""

import re

import msgspec

from sampler.backend.web.problems import Invalid

MAX_DEPTH = 32
MAX_VALUES = 200_000
"""In a document that is read as a whole: nobody else is served while they are made, and 10 MiB could hold 5 million."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BYTE = re.compile(r"(?:JSON is malformed: )?(.*?)(?: \(byte (\d+)\))?", re.DOTALL)


def decoded(body: bytes) -> object:
    """Read a whole document. Raises Invalid."""
    text = body.removeprefix(BYTE_ORDER_MARK)
    # Each value but the first stands behind one of these.
    if sum(map(text.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise Invalid({"$": [f"It must not hold more than {MAX_VALUES} values."]})
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise malformed(str(error), 0) from error
    except UnicodeDecodeError as error:
        raise not_utf_8(text, 0) from error
    except RecursionError as error:
        raise too_deep("$") from error
    if is_deeper(document, MAX_DEPTH):
        raise too_deep("$")
    return document


def is_deeper(content: object, levels: int) -> bool:
    """Whether there are more levels of objects and arrays in it."""
    if isinstance(content, dict):
        content = list(content.values())
    if not isinstance(content, list):
        return False
    return levels == 0 or any(is_deeper(child, levels - 1) for child in content)


def malformed(reason: str, offset: int) -> Invalid:
    """Name the byte from which on the body is no JSON: the offset, and what the decoder's own words add to it."""
    words = _BYTE.fullmatch(reason)
    assert words  # noqa: S101 - any text fits
    return Invalid({"$": [f"The body must be JSON: {words[1]} (byte {offset + int(words[2] or 0)})."]})


def not_utf_8(text: bytes, offset: int) -> Invalid:
    """Name the first byte of the text, which begins at the offset, that is not UTF-8."""
    return malformed("it is not UTF-8", offset + _first_strange_byte(text))


def too_deep(place: str) -> Invalid:
    """Say that there are more levels than `MAX_DEPTH`."""
    return Invalid({place: [f"It must not be nested deeper than {MAX_DEPTH} levels."]})


def _first_strange_byte(text: bytes) -> int:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0  # a lone half of a pair, written with escapes
