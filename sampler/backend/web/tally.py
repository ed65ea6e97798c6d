"""How much was stored: rooms say so, metrics add it up.

A room calls `tally.note(request, "readings", 1000)` when that is committed: "measurements", "readings",
"rows", "customer_requests".
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

from litestar.connection import ASGIConnection


def note(request: ASGIConnection[Any, Any, Any, Any], kind: str, number: int) -> None:
    """Say what of this request is stored, beside what was said before."""
    stored = request.scope["state"].setdefault("stored", {})
    stored[kind] = stored.get(kind, 0) + number


def of(scope: MutableMapping[str, Any]) -> Mapping[str, int]:
    """Give what is stored of a request, by kind."""
    stored: Mapping[str, int] = scope.get("state", {}).get("stored", {})
    return stored
