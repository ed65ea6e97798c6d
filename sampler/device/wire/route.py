"""The way to the backend: its address, straight or through a proxy, plain or with TLS."""

import ssl
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from sampler.device.wire.answers import Unreachable
from sampler.device.wire.line import Line

_PORTS = {"http": 80, "https": 443}
_IN_PATHS = "/%:@!$&'()*+,;=~"  # what a path may have as it is: RFC 3986, 3.3, and what is quoted already


@dataclass(frozen=True)
class Route:
    """Where to connect to. `proxy` is empty, `environment`, or a proxy's http:// address."""

    url: str
    proxy: str = ""
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    @property
    def host(self) -> str:
        """The backend's host name or address."""
        return self._backend.hostname or ""

    def line(self, timeout_s: float) -> Line:
        """Give a connection that is still to be opened. Raises Unreachable if its files do not allow it."""
        host, port = self.host, _port(self._backend)
        tls = self._tls if self._is_tls else None
        via = self._proxy or self._backend
        line = Line(via.hostname or "", _port(via), timeout_s, tls=tls, server=host)
        if self._proxy and self._is_tls:
            line.set_tunnel(host, port, headers=self._credentials)
        line.default_port = _PORTS[self._backend.scheme]  # so that the Host header names another one only
        return line

    def target(self, path: str) -> str:
        """Give what the request line asks for: a proxy without a tunnel needs the whole address."""
        whole = quote(self._backend.path.rstrip("/"), safe=_IN_PATHS) + path
        return self._backend._replace(path=whole).geturl() if self._is_forwarded else whole

    @property
    def headers(self) -> dict[str, str]:
        """What every request must have on this way."""
        return self._credentials if self._is_forwarded else {}

    @cached_property
    def _backend(self) -> SplitResult:
        return urlsplit(self.url)

    @cached_property
    def _proxy(self) -> SplitResult | None:
        found = _from_environment(self._backend) if self.proxy == "environment" else self.proxy
        if not found:
            return None
        proxy = urlsplit(found if "://" in found else f"http://{found}")
        if proxy.scheme != "http":
            raise Unreachable(
                f"the proxy is {proxy.scheme}://; only http:// ones are understood", retry=False
            )
        return proxy

    @property
    def _is_tls(self) -> bool:
        return self._backend.scheme == "https"

    @property
    def _is_forwarded(self) -> bool:
        return self._proxy is not None and not self._is_tls

    @property
    def _credentials(self) -> dict[str, str]:
        if self._proxy is None or self._proxy.username is None:
            return {}
        pair = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password or '')}"
        return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Trust the system's authorities, or `ca_file`'s alone; show `cert_file`'s certificate."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise _unusable(f"backend.ca_file {self.ca_file}", "no certificate in it", error) from None
        if self.cert_file:
            try:
                # A password, though none is known: OpenSSL would ask the terminal for it.
                context.load_cert_chain(self.cert_file, self.key_file, password="")
            except OSError as error:
                files = f"backend.cert_file {self.cert_file}, key_file {self.key_file or 'the same'}"
                wrong = "no certificate and its key, without a password, in PEM"
                raise _unusable(files, wrong, error) from None
        return context


def _port(address: SplitResult) -> int:
    return address.port or _PORTS[address.scheme]


def _unusable(files: str, wrong: str, error: OSError) -> Unreachable:
    # OpenSSL's own words, "PEM lib", help nobody.
    return Unreachable(
        f"{files}: {wrong if isinstance(error, ssl.SSLError) else error.strerror}", retry=False
    )


def _from_environment(backend: SplitResult) -> str:
    # Imported where it is needed, which is rarely: it costs 1 MB.
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415

    return "" if proxy_bypass(backend.netloc) else getproxies().get(backend.scheme, "")
