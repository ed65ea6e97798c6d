"""JSON as Python's own reader has it, and as strict as ours: what ours is held against.

It is Python's reader in Python, slower than the one in C, so that a fuzzer sees how far into JSON an input gets.
"""

import json
import re
from json.decoder import py_scanstring  # type: ignore[attr-defined]  # typeshed does not know them
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

MAX_DEPTH = 32
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TOO_LONG = 4000
"""Digits. Python refuses to read very long integers."""
_NO_SIGN = re.compile(r"(?<!\\)(?:\\\\)*\\u(?![0-9A-Fa-f]{4})")
"""What Python's reader in Python takes for a sign up to Python 3.13: four characters with + or _ among them."""


class Refused(Exception):  # noqa: N818 - it is an answer
    """The text is no JSON, or is JSON that is not taken."""


class Unsure(Refused):
    """It is JSON with something in it that readers may take or refuse: half a surrogate, a huge number."""


class _Reader(json.JSONDecoder):
    def __init__(self, *, twice: bool) -> None:
        super().__init__(object_pairs_hook=self._object, parse_constant=_constant, parse_int=_integer)
        self.parse_string = _string
        self.scan_once = py_make_scanner(self)
        self._refuses_twice = twice
        self.doubts: list[str] = []

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for pair in pairs:
            self.doubt(pair)  # also of a value that another takes the place of
        found = dict(pairs)
        if self._refuses_twice and len(found) < len(pairs):
            raise Refused("a name is there twice")
        return found

    def doubt(self, values: Any) -> None:
        """Note what readers differ about."""
        for value in values:
            if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
                self.doubts.append("half a pair")
            if isinstance(value, float) and value in {float("inf"), float("-inf")}:
                self.doubts.append("a number too large")
            if isinstance(value, list):
                self.doubt(value)


def read(body: bytes, *, twice: bool = True) -> Any:
    """Read a document. Raises Refused. Where `twice` is false, the last of two values under one name counts."""
    reader = _Reader(twice=twice)
    try:
        found = reader.decode(body.removeprefix(_BYTE_ORDER_MARK).decode())
    except RecursionError as error:
        raise Refused("too deep") from error
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are ones
        raise Refused(str(error)) from error
    reader.doubt([found])
    _refuse_deep(found, MAX_DEPTH)
    if reader.doubts:
        raise Unsure(reader.doubts[0])
    return found


def _constant(name: str) -> Any:
    raise Refused(f"{name} is no JSON")


def _string(text: str, begin: int, strict: bool = True) -> tuple[str, int]:  # noqa: FBT001, FBT002 - json's way
    found, end = py_scanstring(text, begin, strict)
    if _NO_SIGN.search(text, begin, end):
        raise Refused("a sign is written with four digits")
    return found, end


def _integer(text: str) -> int | float:
    return int(text) if len(text) < _TOO_LONG else float("inf")


def _refuse_deep(value: Any, levels: int) -> None:
    if not isinstance(value, dict | list):
        return
    if levels == 0:
        raise Refused("too deep")
    for child in value.values() if isinstance(value, dict) else value:
        _refuse_deep(child, levels - 1)
