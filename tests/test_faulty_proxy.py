import socket
from collections.abc import Iterator

import pytest

from tests.device.misbehaving_server import MisbehavingServer, answer
from tests.faulty_proxy import FaultyProxy

REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer(answer(200, "0123456789")) as server:
        yield server


@pytest.fixture
def proxy(server: MisbehavingServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultyProxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=2) as client:
        yield client


def ask(client: socket.socket) -> bytes:
    client.sendall(REQUEST)
    return client.recv(65536)


def test_a_network_that_is_well_passes_everything_on(client: socket.socket) -> None:
    assert ask(client).endswith(b"\r\n\r\n0123456789")


def test_refuse_resets_what_is_connected_and_lets_nobody_in(
    client: socket.socket, proxy: FaultyProxy
) -> None:
    ask(client)
    proxy.switch("refuse")
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port))


def test_after_refusing_it_listens_on_the_same_port_again(proxy: FaultyProxy) -> None:
    port = proxy.port
    proxy.switch("refuse")
    proxy.switch("ok")
    with socket.create_connection(("127.0.0.1", port), timeout=2) as client:
        assert ask(client)


def test_a_black_hole_swallows_requests(
    client: socket.socket, proxy: FaultyProxy, server: MisbehavingServer
) -> None:
    ask(client)
    proxy.switch("blackhole")
    client.settimeout(0.1)
    with pytest.raises(TimeoutError):
        ask(client)
    assert len(server.requests) == 1


def test_with_a_reset_after_the_request_the_server_has_it(
    client: socket.socket, proxy: FaultyProxy, server: MisbehavingServer
) -> None:
    proxy.switch("reset_after_request")
    with pytest.raises(ConnectionResetError):
        ask(client)
    assert len(server.requests) == 1


def test_cut_passes_the_first_bytes_of_an_answer(client: socket.socket, proxy: FaultyProxy) -> None:
    proxy.switch("cut", 12)
    assert ask(client) == b"HTTP/1.1 200"
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_a_slow_network_delivers_all_the_same(client: socket.socket, proxy: FaultyProxy) -> None:
    proxy.switch("latency", 0.05)
    assert ask(client)
    proxy.switch("drip", 1000)
    assert ask(client) == b"H"
