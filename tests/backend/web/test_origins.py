"""Pages in a browser: those of others write nothing to an open backend, and read nothing where they can be told."""

from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend.web.origins import is_addressed_from_afar, is_foreign
from tests.backend.conftest import Serve
from tests.backend.speaking import document

LINE = b"1649941817 Voltage 1.34\n"
FOREIGN = {"Origin": "https://page.example", "Content-Type": "text/plain"}


def test_a_foreign_page_stores_nothing(client: TestClient[Any]) -> None:
    refused = client.post("/data", content=LINE, headers=FOREIGN)

    assert refused.status_code == 403
    assert refused.json()["detail"] == "Pages of this origin may not write; --cors names those that may."
    assert client.get("/statistics/Voltage").json()["count"] == 0


def test_a_page_that_is_named_may_write(serve: Serve) -> None:
    client = serve(cors=("https://page.example",))

    assert client.post("/data", content=LINE, headers=FOREIGN).status_code == 200


@pytest.mark.parametrize("open_", [None, True])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/auth/register"), ("POST", "/auth/login"), ("POST", "/v1/data"), ("PUT", "/v1/data/1")],
)
def test_a_foreign_page_neither_logs_in_nor_writes_behind_a_login(
    serve: Serve, open_: bool | None, method: str, path: str
) -> None:
    client = serve(open=open_)
    headers = {"Origin": "https://page.example"}

    assert client.request(method, path, json={}, headers=headers).status_code == 403
    assert client.request(method, path, json={}).status_code in {401, 422}


def test_a_page_that_is_named_may_log_in(serve: Serve) -> None:
    client = serve(cors=("https://page.example",))

    answer = client.post("/auth/login", json={}, headers={"Origin": "https://page.example"})
    assert answer.status_code == 422


def test_a_foreign_page_may_not_clear_statistics(client: TestClient[Any]) -> None:
    assert client.delete("/statistics/Voltage", headers=FOREIGN).status_code == 403


def test_a_token_is_enough_whatever_page_sends_it(serve: Serve) -> None:
    client = serve(open=False)

    assert client.post("/api/temperature", json=document(), headers=FOREIGN).status_code == 401


@pytest.mark.parametrize(
    ("origin", "host", "foreign"),
    [
        (None, "anything", False),
        ("http://127.0.0.1:5000", "127.0.0.1:5000", False),
        ("http://[::1]:5000", "[::1]:5000", False),
        ("http://localhost:5000", "localhost:5000", False),
        ("http://raspberrypi:5000", "raspberrypi:5000", False),
        ("http://raspberrypi.local:5000", "raspberrypi.local:5000", False),
        ("https://named.example", "127.0.0.1:5000", False),
        ("null", "127.0.0.1:5000", True),
        ("", "127.0.0.1:5000", True),
        ("http://127.0.0.1:8000", "127.0.0.1:5000", True),  # another server's page
        ("http://evil.example:5000", "evil.example:5000", True),  # its name leads here now
        ("http://[", "[", True),
    ],
)
def test_whose_page_it_is(origin: str | None, host: str, foreign: bool) -> None:
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})

    assert is_foreign(headers, ("https://named.example",)) is foreign


@pytest.mark.parametrize(
    ("origin", "host", "foreign"),
    [
        ("http://pi.lan:8080", "pi.lan:8080", False),
        ("https://Sampler.example", "sampler.example", False),  # by a proxy that speaks TLS
        ("http://pi.lan:8000", "pi.lan:8080", True),
        ("http://evil.example", "pi.lan:8080", True),
        ("null", "pi.lan:8080", True),
        ("null", "", True),
        ("http://[", "[", True),
    ],
)
def test_whose_page_it_is_where_everybody_is_let_in(origin: str, host: str, foreign: bool) -> None:
    assert is_foreign({"Host": host, "Origin": origin}, (), under_any_name=True) is foreign


@pytest.mark.parametrize(("open_", "status"), [(True, 200), (None, 403)])
def test_our_page_under_a_dotted_name_writes_only_where_everybody_is_let_in(
    serve: Serve, open_: bool | None, status: int
) -> None:
    page = {"Host": "pi.lan:8080", "Origin": "http://pi.lan:8080", "Content-Type": "text/plain"}

    assert serve(open=open_).post("/data", content=LINE, headers=page).status_code == status


AFAR = {"Host": "evil.example:5000"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/temperature",
        "/statistics/Voltage",
        "/metrics",
        "/receipts",
        "/healthz",
        "/livez",
        "/openapi.json",
        "/docs",
    ],
)
def test_a_page_that_comes_under_a_name_of_its_own_reads_nothing(client: TestClient[Any], path: str) -> None:
    """DNS rebinding: to the browser the page and the backend are of one origin, so it sends no Origin."""
    refused = client.get(path, headers=AFAR)

    assert refused.status_code == 403
    assert refused.json()["detail"].startswith("This backend is for its own machine")
    assert client.get(path, headers={"Host": "localhost:5000"}).status_code in {200, 204}


def test_an_open_backend_is_for_everybody_under_any_name(serve: Serve) -> None:
    assert serve(open=True).get("/api/temperature", headers=AFAR).status_code == 200


def test_nor_does_such_a_page_reach_what_is_behind_a_login(client: TestClient[Any]) -> None:
    answers = [client.get("/v1/data", headers=AFAR), client.post("/auth/login", json={}, headers=AFAR)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert client.get("/v1/data").status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/livez"])
@pytest.mark.parametrize(
    "host", ["127.0.0.1:5000", "[::1]:5000", "10.1.2.3:5000", "localhost:5000", "backend"]
)
def test_that_it_lives_is_told_to_whoever_is_near(client: TestClient[Any], path: str, host: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code == 204


@pytest.mark.parametrize(
    ("host", "afar"),
    [
        ("", False),
        ("127.0.0.1:5000", False),
        ("[::1]:5000", False),
        ("LOCALHOST", False),
        ("raspberrypi.local:5000", False),
        ("localhost.:5000", False),
        ("raspberrypi.local.", False),
        ("evil.example.", True),
        ("io.", True),
        ("evil.example", True),
        ("127.0.0.1.evil.example:5000", True),
        ("localhost.evil.example", True),
        ("[", True),
    ],
)
def test_which_names_are_given_a_meaning_from_afar(host: str, afar: bool) -> None:
    assert is_addressed_from_afar({"Host": host}) is afar
