"""Who asks: rooms say so, receipts keep it.

A room that knows whose request it has calls `asker.note(request, "customer 7")` as early as it can, before it
refuses anything: "device kitchen", "customer 7", "user 12". What it says beats the token's name, which the
guard noted before.
"""

from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection

_MAX = 200


def note(request: ASGIConnection[Any, Any, Any, Any], who: str) -> None:
    """Say who asks."""
    request.scope["state"]["who"] = who[:_MAX]


def of(scope: Mapping[str, Any]) -> str | None:
    """Give who asks, if anybody has said so."""
    who: str | None = scope.get("state", {}).get("who")
    return who
