"""What `requests` is told to do otherwise."""

import ssl
from collections.abc import Mapping
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from sampler.device.wire.line import Connection, Line, TlsConnection
from sampler.device.wire.slim import requests


class Session(requests.Session):
    """Does what it is asked to do, and nothing of its own accord."""

    def __init__(self, line: Line, tls: ssl.SSLContext | None, proxies: Mapping[str, str]) -> None:
        super().__init__()
        self.trust_env = False  # no .netrc; its proxies only if `proxies` has them
        self.proxies.update(proxies)
        self.headers.clear()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(line, tls))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Give none: even told not to follow, requests would read a redirect's body, however long."""


class _Adapter(requests.adapters.HTTPAdapter):
    """Opens connections on `line`, and trusts what `tls` does."""

    def __init__(self, line: Line, tls: ssl.SSLContext | None) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._line, self._tls = line, tls

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        kind = TlsConnection if pool.scheme == "https" else Connection
        pool.ConnectionCls = partial(kind, self._line)
        return pool

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, tls = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {**tls, "ssl_context": self._tls}

    def cert_verify(self, *args: Any) -> None:
        """Leave the context as it is: requests would add authorities that it brings along."""
