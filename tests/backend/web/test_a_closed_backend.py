"""A closed backend as a process, and the device that has a token for it."""

from pathlib import Path

import apsw
import pytest
import requests

from tests.backend_process import BackendProcess
from tests.faults.device_process import DeviceProcess, until

pytestmark = pytest.mark.real


def test_a_device_delivers_with_the_token_in_its_file(tmp_path: Path) -> None:
    with BackendProcess(tmp_path, "--closed") as backend:
        token_file = tmp_path / "token"
        token_file.write_text(backend.command("tokens", "add", "kitchen", "--scope", "write:A"))
        reader = {
            "Authorization": f"Bearer {backend.command('tokens', 'add', 'me', '--scope', 'read').strip()}"
        }
        settings = {"backend.token_file": token_file}
        with DeviceProcess(tmp_path / "device", backend.url, settings) as device:
            until(lambda: device.look().delivered >= 2)

            # Revoked, it is refused and loses nothing; with a new one in the file it goes on.
            backend.command("tokens", "revoke", "kitchen")
            until(lambda: "401" in device.log)
            waiting = device.look().sequence
            token_file.write_text(backend.command("tokens", "add", "kitchen", "--scope", "write:A"))
            until(lambda: device.look().delivered > waiting)
            assert device.stop() == 0
            told = device.verify()

        answer = requests.get(f"{backend.url}/api/temperature", headers=reader, timeout=10)
        assert len(answer.json()) == told["delivered"]
        assert told["dropped"] == told["set_aside"] == 0


def test_an_error_of_ours_has_the_requests_name_in_the_log_and_nowhere_its_trace(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend:
        database = apsw.Connection(str(tmp_path / "backend.db"))
        database.set_busy_timeout(5000)
        database.execute("DROP TABLE measurements")
        database.close()

        answer = requests.get(
            f"{backend.url}/api/temperature", headers={"X-Request-Id": "seen-7"}, timeout=10
        )

        assert answer.json() == {"title": "Internal Server Error", "status": 500, "request_id": "seen-7"}
        log = backend.log.read_text()
        assert log.startswith("ERROR GET /api/temperature failed [seen-7]\nTraceback")
        assert log.count("Traceback") == 1
        assert "no such table" in log
