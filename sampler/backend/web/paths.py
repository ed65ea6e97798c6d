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
        return unquote_to_bytes(raw.removeprefix(prefix.encode()).removesuffix(b"/")).decode()
    except UnicodeDecodeError as error:
        raise Invalid({name: ["It must be UTF-8, percent-encoded."]}) from error
