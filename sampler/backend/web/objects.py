"""Pieces of a JSON array -> objects of one form, as strictly as a whole document would be read."""

import json
import re
from typing import Any, Generic, TypeVar

import msgspec

from sampler.backend.web.decoding import (
    BYTE_ORDER_MARK,
    MAX_DEPTH,
    is_deeper,
    malformed,
    not_utf_8,
    too_deep,
)
from sampler.backend.web.problems import Invalid

_PLACE = re.compile(r"(.*) - at `\$\[(\d+)\]\.?(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)

Element = TypeVar("Element", bound=msgspec.Struct)


class Objects(Generic[Element]):
    """Reads objects of one form; fields that it does not have are ignored."""

    def __init__(self, form: type[Element]) -> None:
        self._decoder = msgspec.json.Decoder(list[form])  # type: ignore[valid-type]
        self._quotes = _quotes(form)

    def read(self, text: bytes, index: int, offset: int) -> list[Element]:
        """Read what stands between two elements of an array, the first with this index and from this byte on.

        Raises Invalid, which names the first element or byte at fault.
        """
        array = b"[%b]" % text
        try:
            objects: list[Element] = self._decoder.decode(array)
            if self._quotes * len(objects) != array.count(b'"'):
                _refuse_what_the_decoder_lets_pass(array, index)
        except msgspec.ValidationError as error:
            raise _of_another_form(error, index) from error
        except msgspec.DecodeError as error:
            raise malformed(str(error), offset - 1) from error
        except UnicodeDecodeError as error:
            raise not_utf_8(array, offset - 1) from error
        except RecursionError as error:
            raise too_deep("$") from error
        return objects

    def read_one(self, body: bytes) -> Element:
        """Read a document that is one object. Raises Invalid."""
        try:
            objects = self.read(body.removeprefix(BYTE_ORDER_MARK), 0, 0)
        except Invalid as error:
            if any(place.startswith("[") and not place.startswith("[0]") for place in error.errors):
                raise _not_one() from error
            raise Invalid({_without_index(place): words for place, words in error.errors.items()}) from error
        if len(objects) != 1:
            raise _not_one()
        return objects[0]


def _quotes(form: type[msgspec.Struct]) -> int:
    """Count the quotes of an object that has each field once and nothing else; -1 if it cannot be told.

    Where all fields are required, and numbers or strings, any more of names, levels or escaped quotes makes it more.
    """
    fields = msgspec.structs.fields(form)
    if not all(field.required and field.type in {str, float, int} for field in fields):
        return -1
    return sum(4 if field.type is str else 2 for field in fields)


def _of_another_form(error: msgspec.ValidationError, index: int) -> Invalid:
    """Say which field of which element is not there or of the wrong type."""
    place = _PLACE.fullmatch(str(error))
    if not place:
        return Invalid({"$": [f"{error}."]})
    words, number, field = place.groups()
    missing = _MISSING.fullmatch(words)
    path = [f"[{index + int(number)}]", *filter(None, (field, missing and missing[1]))]
    return Invalid({".".join(path): ["It is required." if missing else f"{words}."]})


def _refuse_what_the_decoder_lets_pass(array: bytes, index: int) -> None:
    """Refuse names that come twice, and what is too deep or not UTF-8 in fields that are ignored."""
    for number, element in enumerate(msgspec.json.decode(array, type=list[msgspec.Raw]), index):
        try:
            content = _STRICT.decode(bytes(element).decode())
        except _Twice as error:
            raise Invalid({f"[{number}].{error}": ["It is there twice."]}) from error
        if is_deeper(content, MAX_DEPTH - 1):
            raise too_deep(f"[{number}]")


class _Twice(Exception):  # noqa: N818 - it says what is wrong
    """The name comes twice in one object."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return unique


_STRICT = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=float
)  # an int of many digits takes Python long


def _without_index(place: str) -> str:
    return place.removeprefix("[0]").removeprefix(".") or "$"


def _not_one() -> Invalid:
    return Invalid({"$": ["The body must be one JSON object."]})
