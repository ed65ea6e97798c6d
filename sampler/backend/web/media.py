"""What a body says it is."""

from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException


def refuse_compressed(request: Request[Any, Any, Any]) -> None:
    """Raise 415 for a body that is coded: none is inflated, so that little never becomes much."""
    if request.headers.get("Content-Encoding", "identity").lower() not in {"identity", ""}:
        raise HTTPException(
            "The body must not be compressed.",
            status_code=415,
            headers={"Accept-Encoding": "identity"},  # RFC 9110, 15.5.16
        )


def refuse_other_than_json(request: Request[Any, Any, Any]) -> None:
    """Raise 415 unless the Content-Type is one of JSON's and the body is not compressed."""
    refuse_compressed(request)
    media_type, _ = request.content_type
    if not (media_type in {"application/json", "text/json"} or _is_structured_json(media_type)):
        raise HTTPException("The Content-Type must be application/json.", status_code=415)


def _is_structured_json(media_type: str) -> bool:
    return media_type.startswith("application/") and media_type.endswith("+json")
