"""What nobody in good faith sends, byte by byte over a socket to a running backend, and its exact answer to each."""

import csv
import io
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.backend.signing_in import bearer
from tests.backend_process import BackendProcess
from tests.faults.hostile import framing, headers, lines, questions
from tests.faults.hostile.speaking import HOST, USER, said

pytestmark = pytest.mark.real

CASES = {
    f"{kind.__name__.rpartition('.')[2]}: {name}": case
    for kind in (framing, lines, headers, questions)
    for name, case in kind.CASES.items()
}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path_factory.mktemp("hostile")) as backend:
        backend.command("customers", "load-sample")
        yield backend


@pytest.fixture(scope="module")
def users(backend: BackendProcess) -> list[dict[str, str]]:
    key_file = backend.log.parent / "backend.key"
    return [bearer(backend.database_url, key_file, name) for name in ("ada", "eva")]


@pytest.mark.parametrize(("sent", "told"), CASES.values(), ids=CASES)
def test_it_is_answered_exactly_and_service_goes_on(
    backend: BackendProcess, users: list[dict[str, str]], sent: bytes, told: tuple[str, ...]
) -> None:
    by_user = sent.replace(USER, b"Authorization: " + users[0]["Authorization"].encode())

    assert said(backend.port, by_user) == told
    assert requests.get(f"{backend.url}/healthz", timeout=10).status_code == 204


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 250


def test_every_address_takes_its_methods_and_names_them_to_others(backend: BackendProcess) -> None:
    for path, operations in document(backend)["paths"].items():
        address = backend.url + path.replace("{", "").replace("}", "")
        own = {method.upper() for method in operations}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - own:
            answer = requests.request(method, address, timeout=10)
            allowed = set(answer.headers["Allow"].split(", ")) - {"OPTIONS"}
            assert (path, method, answer.status_code, allowed) == (path, method, 405, own)
        answer = requests.head(address, timeout=10)
        assert (answer.status_code == 405) == ("GET" not in own)
        assert answer.content == b""


def document(backend: BackendProcess) -> Any:
    return requests.get(f"{backend.url}/openapi.json", timeout=10).json()


def test_a_body_beyond_all_limits_is_refused_before_it_is_sent(backend: BackendProcess) -> None:
    head = b"POST /data HTTP/1.1\r\n%bContent-Type: application/json\r\n" % HOST
    for more in (b"Expect: 100-continue\r\n", b""):
        with socket.create_connection(("127.0.0.1", backend.port), timeout=10) as client:
            client.sendall(head + more + b"Content-Length: 99999999999\r\n\r\n")

            assert client.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_who_goes_away_in_the_middle_leaves_nothing(backend: BackendProcess) -> None:
    whole = json.dumps([{"sensor": "half", "timestamp": "2022-01-01", "value": 1}] * 1000).encode()
    head = b"POST /data HTTP/1.1\r\n%bContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", backend.port), timeout=10) as client:
            client.sendall(head % (HOST, len(whole)) + whole[:-1])

    assert requests.get(f"{backend.url}/statistics/half", timeout=10).json()["count"] == 0


def test_of_many_bodies_under_one_key_at_once_one_is_stored(backend: BackendProcess) -> None:
    def sent(value: int) -> int:
        reading = {"sensor": "raced", "timestamp": "2022-01-01", "value": value % 4}
        key = {"Idempotency-Key": "raced"}
        return requests.post(f"{backend.url}/data", json=[reading], headers=key, timeout=10).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(sent, range(64)))

    # Of four bodies, 16 times each, one is stored once: its repetitions get the first answer, all others 422.
    assert (statuses.count(200), statuses.count(422)) == (16, 48)
    assert requests.get(f"{backend.url}/statistics/raced", timeout=10).json()["count"] == 1


def test_a_key_means_something_at_its_place_and_to_its_user_only(
    backend: BackendProcess, users: list[dict[str, str]]
) -> None:
    row = {"sensor_id": "s", "timestamp": "2022-01-01", "temperature": 1, "humidity": 2, "pressure": 3}
    key = {"Idempotency-Key": "everywhere"}
    rows = [
        requests.post(f"{backend.url}/v1/data{slash}", json=[row], headers=user | key, timeout=10)
        for user in users
        for slash in ("", "/")
    ]
    lines = requests.post(
        f"{backend.url}/data", "1 a 1", headers=key | {"Content-Type": "text/plain"}, timeout=10
    )
    customer = requests.post(f"{backend.url}/", "{}", headers=key | {"customer_id": "1"}, timeout=10)

    numbers = [answer.json()[0]["id"] for answer in rows]
    # The second of each user, at the same place but for the slash, is a repetition.
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
    assert (lines.status_code, customer.json()["reason"]) == (200, "broken-body")


def test_receipts_give_hostile_bodies_back_as_text(backend: BackendProcess) -> None:
    body = b'<script>alert(1)</script>\x1b[2J\r\nLevel: error\0\xff\xfe"' + "\u20ac".encode() * 1000
    requests.post(f"{backend.url}/data", body, headers=JSON, timeout=10)

    answer = requests.get(f"{backend.url}/receipts", params={"limit": "1"}, timeout=10)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    [receipt] = answer.json()
    # The first KiB, cut within a character.
    assert receipt["body"] == body[:1024].decode(errors="replace")
    assert not {b"\x1b", b"\r", b"\n", b"\0"} & {bytes([byte]) for byte in answer.content}


def test_a_name_that_a_spreadsheet_would_run_is_exported_as_it_came_in_one_field(
    backend: BackendProcess,
) -> None:
    names = ["=cmd|' /C calc'!A0", '@SUM(1,"2")', "-1+1", '"', ",,,", "%0a"]
    readings = [{"sensor": name, "timestamp": "2100-01-01", "value": 1} for name in names]
    assert requests.post(f"{backend.url}/data", json=readings, timeout=10).status_code == 200

    exported = backend.command("export", "--from", "2100-01-01", "--to", "2100-01-01")

    assert [row["name"] for row in csv.DictReader(io.StringIO(exported))] == sorted(names)


def test_none_of_it_is_in_the_log(backend: BackendProcess) -> None:
    """The last test of the file: no stack trace, and not a line that somebody outside could have written whole."""
    assert backend.trouble == ""
