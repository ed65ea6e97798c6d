"""Where a request says it comes from: an address and a program, each in the one form in which it is compared."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

_LONGEST_AGENT = 2000
# RFC 9110, 5.6.2: a product's name is a token; all else separates them.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def address(text: str) -> str:
    """Give an IPv4 or IPv6 address in its one form (RFC 5952); raises ValueError.

    An IPv4 address inside an IPv6 one (`::ffff:127.0.0.1`) is the same machine, so it is the same address. One with
    a zone (`fe80::1%eth0`) means something on one machine only, and is none.
    """
    found: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            raise ValueError(f"{text!r} has a zone, which means nothing elsewhere")
        found = found.ipv4_mapped or found
    return str(found)


def words(agent: str) -> str:
    """Give the tokens of a User-Agent, or of a listed one, in lower case, with a space between them.

    `Mozilla/5.0 (compatible; Googlebot/2.1)` is `mozilla 5.0 compatible googlebot 2.1`: there `Googlebot` stands as
    a whole word, and `Googlebot-News` or `bot` do not. What is behind 2 000 characters is not looked at.
    """
    return " ".join(_TOKEN.findall(agent[:_LONGEST_AGENT])).lower()
