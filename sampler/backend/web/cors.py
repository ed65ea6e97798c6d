"""Which pages of other origins may ask: none that are not named."""

from collections.abc import Sequence

from litestar.config.cors import CORSConfig

_MAX_AGE_S = 600


def cors(origins: Sequence[str]) -> CORSConfig | None:
    """Let these pages ask, without cookies, of which there are none, and see what they need of the answers."""
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "X-Device",
            "X-Request-Id",
            "X-Customer-Id",
            "Customer-Id",
            "customer_id",
        ],
        expose_headers=["Link", "Retry-After", "X-Request-Id"],
        max_age=_MAX_AGE_S,
    )
