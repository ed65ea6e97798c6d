"""The backend as a process: what its start, its end and its death promise."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.backend.speaking import document
from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real


def send(client: requests.Session, backend: BackendProcess, key: str) -> int:
    """Post one measurement and give the answer's code, or 0 if there is none."""
    headers = {"X-Device": "kitchen", "Idempotency-Key": key}
    try:
        return client.post(
            f"{backend.url}/api/temperature", json=document(), headers=headers, timeout=10
        ).status_code
    except requests.ConnectionError:
        return 0


def test_it_says_where_it_listens_and_when_it_ends(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sampler.backend",
        "--port",
        "0",
        "--database",
        f"sqlite:///{tmp_path}/b.db",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().removeprefix("listening on ").strip()
        with requests.Session() as client:
            for path in ("/api/temperature", "/healthz", "/nothing"):
                client.get(url + path, timeout=10)
        process.terminate()

        # Nothing about the requests, but for the one that was refused: it may share its terminal with others.
        refused, *rest = process.stdout.readlines()
        assert refused.startswith("WARNING 404 GET /nothing: Not Found [")
        assert rest == ["stopped\n"]
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_though_clients_hold_connections(tmp_path: Path, number: int) -> None:
    with BackendProcess(tmp_path) as backend, requests.Session() as client:
        client.get(f"{backend.url}/healthz", timeout=10)
        began = time.monotonic()
        os.kill(backend.pid, number)

        assert backend.stop() == 0
        assert time.monotonic() - began < 2.0  # 0.3 s on an idle machine


def test_a_client_that_never_finishes_its_request_does_not_hold_it_up(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend, socket.create_connection(("127.0.0.1", backend.port)) as client:
        client.sendall(b"POST /api/temperature HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        client.sendall(b"Content-Length: 100\r\n\r\n{")
        time.sleep(0.2)  # it has begun to read
        began = time.monotonic()

        assert backend.stop() == 0
        assert time.monotonic() - began < 3.0  # one second of grace, and 0.3 s
        assert (
            backend.log.read_text() == "ERROR Cancel 1 running task(s), timeout graceful shutdown exceeded\n"
        )


def test_a_connection_is_kept_for_the_next_request_and_answers_at_once(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend, requests.Session() as client:
        began = time.monotonic()
        for _ in range(50):
            assert client.get(f"{backend.url}/nothing", timeout=10).status_code == 404

        # With Nagle's algorithm in the way, each would wait 40 ms for the client's acknowledgement.
        assert time.monotonic() - began < 50 * 0.04


def test_a_chunked_body_over_the_limit_is_answered_413(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield from itertools.repeat(b" " * 65536, 161)  # 10 MiB are 160 of them

    with BackendProcess(tmp_path) as backend:
        headers = {"Content-Type": "application/json"}
        answer = requests.post(f"{backend.url}/api/temperature", data=chunks(), headers=headers, timeout=10)

        assert answer.status_code == 413


def test_what_is_stored_is_there_after_a_restart_on_the_same_port(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend, requests.Session() as client:
        send(client, backend, "a-1")
        url = backend.url
        backend.restart()

        assert backend.url == url
        assert [found["key"] for found in backend.measurements()] == ["a-1"]


def test_whatever_was_answered_200_outlives_kill_9(tmp_path: Path) -> None:
    numbers = itertools.count()
    sent: dict[str, int] = {}
    stop = threading.Event()

    def work() -> None:
        with requests.Session() as client:
            while not stop.is_set():
                key = f"a-{next(numbers)}"
                sent[key] = send(client, backend, key)
                stop.wait(0 if sent[key] else 0.01)

    with BackendProcess(tmp_path) as backend, ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work) for _ in range(4)]
        try:
            for seconds in (0.2, 0.35, 0.5):
                time.sleep(seconds)
                backend.kill()
                backend.start()
        finally:
            stop.set()
        for worker in workers:
            worker.result(20)

        answered = {key for key, code in sent.items() if code == 200}
        stored = [found["key"] for found in backend.measurements()]
        assert len(answered) > 50
        assert answered <= set(stored)
        assert len(stored) == len(set(stored))

        # The clients repeat what they got no answer for: then everything is there, once.
        with requests.Session() as client:
            assert {send(client, backend, key) for key in sent.keys() - answered} <= {200}
        assert sorted(found["key"] for found in backend.measurements()) == sorted(sent)


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount the small disk that this test fills")
def test_a_full_disk_is_answered_503_until_there_is_room_again(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], check=True)
    try:
        database = f"sqlite:///{disk}/backend.db"
        with BackendProcess(tmp_path, "--database", database) as backend, requests.Session() as client:
            assert send(client, backend, "a-1") == 200
            fill(disk / "ballast")

            assert send(client, backend, "a-2") == 503
            assert client.get(f"{backend.url}/healthz", timeout=10).status_code == 503
            assert [found["key"] for found in backend.measurements()] == ["a-1"]

            (disk / "ballast").unlink()
            assert send(client, backend, "a-2") == 200
            assert client.get(f"{backend.url}/healthz", timeout=10).status_code == 204
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
