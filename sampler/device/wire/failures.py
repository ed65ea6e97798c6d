"""What the network, the resolver and TLS do instead of an answer, in a human's words. Pure."""

import http.client
import socket
import ssl

from sampler.device.wire.answers import Unreachable, one_line

# What asking the backend can raise. Anything else is a defect of ours, and must be seen.
FAILURES = (OSError, http.client.HTTPException, ValueError)


def unreachable(error: Exception, host: str, timeout_s: float) -> Unreachable:
    """Tell why there is no answer from `host`, and whether it makes sense to ask again at once."""
    for kinds, reason, retry in _EXPLAINED:
        if isinstance(error, kinds):
            words = reason.format(said=_said(error), host=host, timeout_s=timeout_s)
            return Unreachable(one_line(words), retry=retry)
    return Unreachable(one_line(f"cannot be asked: {error}"), retry=False)


def _said(error: Exception) -> str:
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
    ((http.client.InvalidURL,), "no address: {said}", False),
    ((http.client.HTTPException,), "no HTTP in the answer: {said}", True),
    ((OSError,), "{said}", True),
)
