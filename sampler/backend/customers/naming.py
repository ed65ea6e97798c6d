"""Which customer a request names: the header, under the names that servers and proxies leave of it."""

import re
from collections.abc import Callable, Sequence

HEADERS = ("customer_id", "customer-id", "x-customer-id")
"""The document's own name, and two without the `_`, for which many proxies drop a header."""
_INTEGER = re.compile(r"-?[0-9]{1,100}")


def integer(text: str) -> int:
    """Read an integer: decimal digits, at most a hundred, with a minus before them or without; raises ValueError."""
    if not _INTEGER.fullmatch(text):
        raise ValueError("must be an integer")
    return int(text)


def customer(values: Callable[[str], Sequence[str]]) -> int | None:
    """Give the number that the headers name; None if they name none, or more than one.

    `values` gives all values of a header. Whoever sees two customers in a request is not to guess whom to count.
    """
    try:
        # The server leaves the space behind a value, which is no part of it (RFC 9110, 5.5).
        (number,) = {integer(value.strip(" \t")) for header in HEADERS for value in values(header)}
    except ValueError:
        return None
    return number
