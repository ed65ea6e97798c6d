"""A name for each request: in its answer, in what is refused of it, and in every line of the log about it."""

import logging
import re
import secrets
from collections.abc import Iterable
from contextvars import ContextVar

HEADER = "X-Request-Id"
_HEADER = HEADER.lower().encode()
_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def begin(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Name the request that this task is about: as the client or proxy did, if that is sane, else anew."""
    given = next((value for name, value in headers if name == _HEADER), b"")
    name = given.decode() if _SANE.fullmatch(given) else secrets.token_hex(8)
    _current.set(name)
    return name


def current() -> str:
    """Give the name of the request that this task or thread is about; empty if it is about none."""
    return _current.get()


class Named(logging.Filter):
    """Gives each record of the log a field `request`: ` [NAME]`, or nothing where it is about none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        name = current()
        record.request = f" [{name}]" if name else ""
        return True
