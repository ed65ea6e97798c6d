"""What stands behind the ? of an address."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from litestar import Request

from sampler.backend.web.problems import Invalid

Result = TypeVar("Result")
# A + in an address that is not written %2B is read as a space; before an offset it can be nothing else.
_PLUS = re.compile(r"([Tt ][\d:.,]+) (\d\d(?::?\d\d)?)", re.ASCII)


def single(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Give the parameters. Raises Invalid if one is there twice or is no UTF-8, instead of guessing what is meant."""
    query: bytes = request.scope["query_string"]
    given: dict[str, str] = {}
    faults: defaultdict[str, list[str]] = defaultdict(list)
    for part in filter(None, query.split(b"&")):
        name, _, value = part.partition(b"=")
        try:
            key, text = _text(name), _text(value)
        except UnicodeDecodeError:
            faults[name.decode("latin-1")].append("It must be UTF-8, percent-encoded.")
            continue
        if key in given:
            faults[key] = ["It is there twice."]
        given[key] = text
    if faults:
        raise Invalid(faults)
    return given


def required(query: Mapping[str, str], name: str, read: Callable[[str], Result]) -> Result:
    """Read a parameter that must be there. Raises Invalid where `read` raises ValueError."""
    if name not in query:
        raise Invalid({name: ["It is required."]})
    try:
        return read(query[name])
    except ValueError as error:
        raise Invalid({name: [f"It {error}."]}) from error


def optional(query: Mapping[str, str], name: str, read: Callable[[str], Result]) -> Result | None:
    """Read a parameter that may be there."""
    return required(query, name, read) if name in query else None


def one_of(words: Mapping[str, Result]) -> Callable[[str], Result]:
    """Give what reads one of these words."""

    def read(text: str) -> Result:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return words[text]

    return read


def printable(text: str) -> str:
    """Give back what something here can be called: not every engine takes a NUL, even to look for it."""
    if not text.isprintable():
        raise ValueError("must have printable characters only")
    return text


def time(text: str) -> str:
    """Give a time as it was meant: with the + in front of its offset."""
    return _PLUS.sub(r"\1+\2", text)


def _text(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode()
