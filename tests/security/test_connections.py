"""More connections than a backend can hold."""

import resource
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real

READING = [{"sensor": "attic", "timestamp": "2022-01-01", "value": 1}]
FILES = 100


def test_who_is_connected_is_served_and_who_comes_later_when_there_is_room_again(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend, requests.Session() as client:
        assert client.post(f"{backend.url}/data", json=READING, timeout=10).status_code == 200
        resource.prlimit(backend.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
        with ExitStack() as crowd:
            for _ in range(3 * FILES):
                crowd.enter_context(socket.create_connection(("127.0.0.1", backend.port)))

            assert client.post(f"{backend.url}/data", json=READING, timeout=10).status_code == 200

        assert requests.get(f"{backend.url}/statistics/attic", timeout=10).json()["count"] == 2
        assert backend.trouble == ""
