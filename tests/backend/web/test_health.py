"""Whether it runs, and whether it can work."""

import signal
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar.testing import TestClient

from sampler.backend.app import opened
from sampler.backend.server import _Server
from sampler.backend.settings import Settings
from sampler.backend.web.doorman import Doorman
from tests.backend.web.asgi import answering


def test_it_runs_and_can_work(client: TestClient[Any]) -> None:
    for path in ("/livez", "/healthz"):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (204, b"")


def test_without_its_store_it_runs_and_cannot_work(client: TestClient[Any], tmp_path: Path) -> None:
    (tmp_path / "backend.db").rename(tmp_path / "away.db")

    assert client.get("/livez").status_code == 204
    answer = client.get("/healthz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_when_it_is_about_to_stop_it_wants_no_requests(tmp_path: Path) -> None:
    settings = Settings(f"sqlite:///{tmp_path / 'backend.db'}", key_file=tmp_path / "backend.key")
    with opened(settings) as doorman, TestClient(doorman) as client:
        doorman.stop()

        assert client.get("/livez").status_code == 204
        assert client.get("/healthz").status_code == 503


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_tells_the_doorman_first(number: int) -> None:
    told: list[bool] = []
    server = _Server(uvicorn.Config(Doorman(answering())), print, lambda: told.append(server.should_exit))

    server.handle_exit(number, None)

    assert (told, server.should_exit) == ([False], True)
