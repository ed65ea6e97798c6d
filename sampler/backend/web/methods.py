"""OPTIONS: which methods an address takes.

The framework's own answer knows only the methods of the handler that was named first.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from litestar import Response, route
from litestar.handlers import HTTPRouteHandler


def options(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Give what answers OPTIONS at the addresses of these handlers."""
    methods: defaultdict[str, set[str]] = defaultdict(lambda: {"OPTIONS"})
    for handler in handlers:
        for path in handler.paths:
            methods[path] |= handler.http_methods
    return [_options(path, found | {"HEAD"} if "GET" in found else found) for path, found in methods.items()]


def _options(path: str, methods: Iterable[str]) -> HTTPRouteHandler:
    allow = {"Allow": ", ".join(sorted(methods))}

    def answer() -> Response[Any]:
        return Response(None, status_code=204, headers=allow)

    handler = route(path, http_method="OPTIONS", sync_to_thread=False, opt={"scope": None})
    return handler(answer)
