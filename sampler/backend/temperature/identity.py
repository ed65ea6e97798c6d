"""Who sent it and under which keys: the two headers that make a repetition recognisable."""

from collections.abc import Mapping
from urllib.parse import unquote

from sampler.backend.web.problems import Invalid

DEVICE = "X-Device"
KEYS = "Idempotency-Key"
_MAX_DEVICE = 200
_MAX_KEY = 100


def device(headers: Mapping[str, str]) -> str:
    """Give the device's name from percent-encoded UTF-8; empty if it does not say. Raises Invalid."""
    name = _decoded(headers.get(DEVICE, ""))
    if len(name) > _MAX_DEVICE or not name.isprintable():
        raise Invalid({DEVICE: [f"The name must have at most {_MAX_DEVICE} printable characters."]})
    return name


def _decoded(header: str) -> str:
    try:
        # A byte beyond ASCII could be in any encoding: it is refused, not guessed at.
        header.encode("ascii")
        return unquote(header, errors="strict")
    except UnicodeError as error:
        raise Invalid({DEVICE: ["The name must be percent-encoded UTF-8."]}) from error


def keys(headers: Mapping[str, str], measurements: int) -> list[str] | None:
    """Give a key for each measurement, in their order, or None if the client sends none. Raises Invalid."""
    header = headers.get(KEYS)
    if header is None:
        return None
    keys = [key.strip() for key in header.split(",")] if header.strip() else []
    if len(keys) != measurements:
        raise Invalid(
            {KEYS: [f"There must be one key for each measurement: {len(keys)} for {measurements}."]}
        )
    if not all(0 < len(key) <= _MAX_KEY and key.isascii() and key.isprintable() for key in keys):
        raise Invalid({KEYS: [f"A key must have 1 to {_MAX_KEY} printable ASCII characters."]})
    return keys
