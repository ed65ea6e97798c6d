"""Whose pages may ask an open backend: a browser sends simple requests for any page that its user looks at."""

import ipaddress
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

_NEVER_PUBLIC = (".local", ".internal", ".home.arpa", ".localhost")


def is_foreign(headers: Mapping[str, str], named: Collection[str], *, under_any_name: bool = False) -> bool:
    """Whether a page sends this that is neither ours nor named with --cors.

    Ours are those that a browser got from where it sends this to, at an address or a name that nobody far away can
    give a meaning to: a public name may be an attacker's, which first led to his page and then to us (DNS rebinding).
    Where that is not to be kept out, they are ours under any name. Whatever is no browser sends no Origin.
    """
    origin = headers.get("Origin")
    if origin is None or origin in named:
        return False
    try:
        page = urlsplit(origin)
    except ValueError:
        return True
    if not page.netloc or page.netloc.lower() != headers.get("Host", "").lower():
        return True
    return not (under_any_name or _is_near(page.hostname or ""))


def is_addressed_from_afar(headers: Mapping[str, str]) -> bool:
    """Whether this was sent to a name that somebody far away can give a meaning to, as DNS rebinding does."""
    host = headers.get("Host", "")
    try:
        return bool(host) and not _is_near(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return True


def _is_near(name: str) -> bool:
    """Whether the name is an address, has no dot, or ends as no public name does (RFC 6761, 6762, 8375)."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        # A final dot only says that the name is whole: localhost. is localhost, but io. is nobody's in this network.
        return bool(name) and ("." not in name or f".{name.removesuffix('.')}".endswith(_NEVER_PUBLIC))
    return True
