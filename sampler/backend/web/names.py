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


def new_sensor(text: str) -> str:
    """Give back what can be the name of a sensor that is posted: it can be asked for. Raises ValueError, likewise.

    The framework leaves slashes at the end out: behind a path there is nothing left of a name that has nothing else.
    """
    if text and not text.strip("/"):
        raise ValueError("must not consist of slashes only")
    return sensor(text)
