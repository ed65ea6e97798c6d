"""What stands in an address in front of the ?."""

from typing import Any
from urllib.parse import unquote_to_bytes

from litestar import Request

from sampler.backend.web.problems import Invalid


def behind(request: Request[Any, Any, Any], prefix: str, name: str) -> str:
    """Give all that follows the prefix, slashes included, but one at the end. Raises Invalid, which names `name`.

    It is read as it came: the framework's own reading of the path merges slashes.
    """
    # The framework's test client leaves the query there.
    raw: bytes = request.scope["raw_path"].partition(b"?")[0]
    try:
        return _without(prefix, unquote_to_bytes(raw.removesuffix(b"/")).decode())
    except UnicodeDecodeError as error:
        raise Invalid({name: ["It must be UTF-8, percent-encoded."]}) from error


def _without(prefix: str, path: str) -> str:
    """Cut the prefix off in each spelling in which the framework finds it: with more slashes, or percent-encoded."""
    for part in prefix.strip("/").split("/"):
        path = path.lstrip("/").removeprefix(part)
    return path.removeprefix("/")
