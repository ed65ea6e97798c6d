"""HTTPS, with authorities made for the occasion."""

import select
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from sampler.device.wire.answers import Unreachable
from sampler.device.wire.route import Route
from sampler.device.wire.transport import Transport
from tests.device.misbehaving_server import Behaviour, Conversation, MisbehavingServer, drip, hang
from tests.faulty_proxy import FaultyProxy

pytestmark = pytest.mark.skipif(
    not shutil.which("openssl"), reason="HTTPS is not tested: there is no openssl command"
)

OPTIONS = ["-days", "1", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
EXTENSIONS = {
    "ca": "basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign",
    "server": "subjectAltName=IP:127.0.0.1",
    "stranger": "subjectAltName=DNS:elsewhere.example",
    "device": "extendedKeyUsage=clientAuth",
}


def make(folder: Path, name: str, *more: str) -> None:
    extensions = [part for text in EXTENSIONS[name].split() for part in ("-addext", text)]
    files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
    command = ["openssl", "req", "-x509", *OPTIONS, "-subj", f"/CN={name}", *extensions, *files, *more]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and what it has signed: NAME.pem with NAME.key."""
    folder = tmp_path_factory.mktemp("tls")
    make(folder, "ca")
    for name in ("server", "stranger", "device"):
        make(folder, name, "-CA", str(folder / "ca.pem"), "-CAkey", str(folder / "ca.key"))
    return folder


Start = Callable[..., MisbehavingServer]
Open = Callable[..., Transport]


@pytest.fixture
def start(stack: ExitStack, files: Path) -> Start:
    def start(name: str = "server", *behaviours: Behaviour, asks: bool = False) -> MisbehavingServer:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(files / f"{name}.pem", files / f"{name}.key")
        if asks:
            tls.load_verify_locations(files / "ca.pem")
            tls.verify_mode = ssl.CERT_REQUIRED
        return stack.enter_context(MisbehavingServer(*behaviours, tls=tls))

    return start


@pytest.fixture
def transport_to(stack: ExitStack, files: Path) -> Open:
    def open_(url: str, *, timeout_s: float = 5.0, **its: str) -> Transport:
        route = Route(url, **{f"{kind}_file": files / name for kind, name in its.items()})
        transport = Transport(route, timeout_s)
        stack.callback(transport.close)
        return transport

    return open_


def trouble(transport: Transport) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        transport.post("/", b"{}", {})
    return caught.value


def test_an_authority_of_one_s_own_is_trusted_and_the_connection_kept(
    start: Start, transport_to: Open
) -> None:
    server = start()
    transport = transport_to(server.url.replace("https:", "HTTPS:"), ca="ca.pem")
    for _ in range(10):
        assert transport.post("/", b"{}", {}).delivered
    assert (server.connections, len(server.requests)) == (1, 10)


def test_the_system_s_authorities_are_trusted_unless_told_otherwise(
    start: Start, transport_to: Open, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    found = trouble(transport_to(server.url))
    assert found.reason.startswith("certificate not trusted: ")
    assert not found.retry
    assert not server.requests
    monkeypatch.setenv("SSL_CERT_FILE", str(files / "ca.pem"))  # where OpenSSL looks for the system's
    assert transport_to(server.url).post("/", b"{}", {}).delivered


def test_a_file_of_authorities_replaces_all_others(
    start: Start, transport_to: Open, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(files / "ca.pem"))
    server = start()
    assert trouble(transport_to(server.url, ca="stranger.pem")).reason.startswith("certificate not trusted: ")
    route = Route(server.url, ca_file=files / "ca.pem")
    with closing(Transport(route, 5.0)) as transport:
        assert transport.post("/", b"{}", {}).delivered
    assert route.tls
    assert route.tls.cert_store_stats()["x509"] == 1


def test_another_s_certificate_is_refused(start: Start, transport_to: Open) -> None:
    found = trouble(transport_to(start("stranger").url, ca="ca.pem"))
    assert found.reason.startswith("certificate not trusted: IP address mismatch")
    assert not found.retry


def test_the_device_shows_its_certificate(start: Start, transport_to: Open) -> None:
    server = start(asks=True)
    transport = transport_to(server.url, ca="ca.pem", cert="device.pem", key="device.key")
    assert transport.post("/", b"{}", {}).delivered


def test_without_the_certificate_that_the_backend_wants_it_is_unreachable(
    start: Start, transport_to: Open
) -> None:
    found = trouble(transport_to(start(asks=True).url, ca="ca.pem"))
    assert (found.reason, found.retry) == ("TLS failed: tlsv13 alert certificate required", False)


def test_a_server_without_tls_is_unreachable(transport_to: Open) -> None:
    def say_what_http_servers_say(conversation: Conversation) -> None:
        conversation.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        conversation.hang_up()

    with MisbehavingServer(say_what_http_servers_say) as server:
        found = trouble(transport_to(server.url.replace("http:", "https:")))
    assert (found.reason, found.retry) == ("TLS failed: wrong version number", False)


@pytest.mark.parametrize("mode", ["blackhole", "drip"])
def test_a_handshake_that_does_not_end_is_over_by_the_deadline(
    start: Start, transport_to: Open, mode: str
) -> None:
    server = start()
    with FaultyProxy(server.port) as network:
        network.switch(mode, 50)
        url = network.url.replace("http:", "https:")
        transport = transport_to(url, ca="ca.pem", timeout_s=0.4)
        assert trouble(transport).reason == "no answer within 0.4 s"
        assert server.has_hung_up.wait(2)
        network.switch("ok")
        assert transport.post("/", b"{}", {}).delivered


def test_a_backend_that_hangs_behind_tls_is_left_by_the_deadline(start: Start, transport_to: Open) -> None:
    server = start("server", hang)
    assert trouble(transport_to(server.url, ca="ca.pem", timeout_s=0.2)).reason == "no answer within 0.2 s"


def test_a_server_that_drips_behind_tls_does_not_hold_the_thread(start: Start, transport_to: Open) -> None:
    server = start("server", drip(b"A" * 1000, 0.02, at_once=b"HTTP/1.1 200 OK\r\n"))
    assert trouble(transport_to(server.url, ca="ca.pem", timeout_s=0.2)).reason == "no answer within 0.2 s"
    assert server.has_hung_up.wait(2)


@pytest.mark.parametrize(
    ("its", "reason"),
    [
        ({"ca": "nix"}, "backend.ca_file {}/nix: No such file or directory"),
        ({"ca": "ca.key"}, "backend.ca_file {}/ca.key: no certificate in it"),
        (
            {"cert": "device.pem", "key": "server.key"},
            "backend.cert_file {0}/device.pem, key_file {0}/server.key: "
            "no certificate and its key, without a password, in PEM",
        ),
    ],
)
def test_files_that_cannot_be_used_are_named(
    files: Path, transport_to: Open, its: dict[str, str], reason: str
) -> None:
    found = trouble(transport_to("https://127.0.0.1:9", **its))
    assert (found.reason, found.retry) == (reason.format(files), False)


def tunnel(conversation: Conversation) -> None:
    """What a proxy does at CONNECT."""
    conversation.read_request()
    host, _, port = conversation.server.requests[-1].line.split()[1].partition(":")
    with socket.create_connection((host, int(port))) as upstream:
        conversation.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
        ends = {conversation.connection: upstream, upstream: conversation.connection}
        while True:
            for end in select.select(list(ends), [], [])[0]:
                if not (data := end.recv(65536)):
                    return conversation.hang_up()
                ends[end].sendall(data)


def test_https_goes_through_a_proxy_unseen(start: Start, stack: ExitStack, files: Path) -> None:
    server = start()
    proxy = stack.enter_context(MisbehavingServer(tunnel))
    transport = Transport(Route(server.url, proxy.url.replace("//", "//me:pass@"), files / "ca.pem"), 5.0)
    stack.callback(transport.close)
    assert transport.post("/", b"{}", {"Authorization": "Bearer secret"}).delivered
    [seen] = proxy.requests
    assert seen.line.startswith(f"CONNECT 127.0.0.1:{server.port} ")
    assert seen.headers["proxy-authorization"] == "Basic bWU6cGFzcw=="  # me:pass
    assert "authorization" not in seen.headers
    assert "proxy-authorization" not in server.requests[0].headers
