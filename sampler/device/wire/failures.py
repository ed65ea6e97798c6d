"""What the network, the resolver and TLS do instead of an answer, in a human's words. Pure."""

import http.client
import socket
import ssl

from urllib3.exceptions import HTTPError

from sampler.device.wire.answers import Unreachable, one_line
from sampler.device.wire.slim import requests

# What asking the backend can raise. Anything else is a defect of ours, and must be seen.
FAILURES = (OSError, HTTPError, ValueError)
# These say where it happened; what happened is inside them.
_WRAPPINGS = (requests.ConnectionError, requests.Timeout, HTTPError)


def unreachable(error: BaseException, host: str, timeout_s: float) -> Unreachable:
    """Tell why there is no answer from `host`, and whether it makes sense to ask again at once."""
    error = _unwrapped(error)
    for kinds, reason, retry in _EXPLAINED:
        if isinstance(error, kinds):
            words = reason.format(said=_said(error), host=host, timeout_s=timeout_s)
            return Unreachable(one_line(words), retry=retry)
    return Unreachable(one_line(f"cannot be asked: {error}"), retry=False)


def _unwrapped(error: BaseException) -> BaseException:
    while isinstance(error, _WRAPPINGS):
        causes = (error.__cause__, error.__context__, *error.args)
        inner = next((cause for cause in causes if isinstance(cause, BaseException)), None)
        if inner is None:
            break
        error = inner
    return error


def _said(error: BaseException) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return error.verify_message
        case ssl.SSLError(reason=str(reason)):
            return reason.replace("_", " ").lower()
        case OSError(strerror=str(text)):
            return text
    return str(error)


# The first that fits counts: the special ones stand before the general ones.
_EXPLAINED: tuple[tuple[tuple[type[Exception], ...], str, bool], ...] = (
    ((TimeoutError,), "no answer within {timeout_s:g} s", True),
    ((socket.gaierror,), "host name not found: {host} ({said})", True),
    ((UnicodeError,), "host name not found: {host} is none", False),
    ((ssl.SSLCertVerificationError,), "certificate not trusted: {said}", False),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), "reset by the backend", True),
    ((ssl.SSLError,), "TLS failed: {said}", False),
    ((ConnectionRefusedError,), "connection refused", True),
    ((http.client.RemoteDisconnected,), "closed by the backend before its answer was whole", True),
    ((ConnectionError,), "reset by the backend", True),
    ((requests.exceptions.InvalidURL,), "no address: {said}", False),
    ((requests.exceptions.InvalidHeader,), "cannot be asked: {said}", False),
    ((http.client.HTTPException, HTTPError), "no HTTP in the answer: {said}", True),
    ((OSError,), "{said}", True),
)
