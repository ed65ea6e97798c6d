"""What stands behind the ? of an address."""

from collections import defaultdict
from typing import Any
from urllib.parse import unquote_to_bytes

from litestar import Request

from sampler.backend.web.problems import Invalid


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


def _text(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode()
