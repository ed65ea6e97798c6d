"""What a sensor may be called, in whichever room."""

from functools import lru_cache

MAX_SENSOR = 200


@lru_cache(maxsize=20_000)  # the same sensors come again and again
def sensor(text: str) -> str:
    """Give back what can be a sensor's name. Raises ValueError, with words for the person who sent it."""
    if not 0 < len(text) <= MAX_SENSOR:
        raise ValueError(f"must have 1 to {MAX_SENSOR} characters")
    if not text.isprintable():
        raise ValueError("must have printable characters only")
    return text
