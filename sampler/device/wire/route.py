"""The way to the backend: its address, straight or through a proxy, plain or with TLS."""

import ssl
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from sampler.device.wire.answers import Unreachable
from sampler.device.wire.slim import requests


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
        return urlsplit(self.url).hostname or ""

    def address(self, path: str) -> str:
        """Give the whole address of a path of the interface; the backend's own may have a path before it."""
        return self.url.rstrip("/") + path

    @property
    def proxies(self) -> dict[str, str]:
        """The proxies by what goes through them. Raises Unreachable for one that is not understood."""
        from_environment = self.proxy == "environment"
        proxies = requests.utils.get_environ_proxies(self.url) if from_environment else {"all": self.proxy}
        scheme, named, _ = (requests.utils.select_proxy(self.url, proxies) or "").partition("://")
        if named and scheme.lower() != "http":
            raise Unreachable(f"the proxy is {scheme}://; only http:// ones are understood", retry=False)
        return proxies

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """Trust the system's authorities, or `ca_file`'s alone; show `cert_file`'s certificate.

        None for plain HTTP. Raises Unreachable if the files cannot be used.
        """
        if urlsplit(self.url).scheme != "https":
            return None
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


def _unusable(files: str, wrong: str, error: OSError) -> Unreachable:
    # OpenSSL's own words, "PEM lib", help nobody.
    return Unreachable(
        f"{files}: {wrong if isinstance(error, ssl.SSLError) else error.strerror}", retry=False
    )
