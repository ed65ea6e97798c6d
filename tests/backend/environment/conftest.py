"""One backend an engine for all tests of a file: each test has a user of its own, who sees nothing of the others."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from sampler.backend.app import opened
from sampler.backend.settings import Settings
from tests.backend.signing_in import bearer
from tests.postgresql import PostgresqlServer

_names = (f"user{number}" for number in itertools.count(1))


@dataclass(frozen=True)
class User:
    """Somebody who is logged in, and speaks to the backend."""

    client: TestClient[Any]
    headers: dict[str, str]

    def post(self, rows: Any, path: str = "/v1/data/", **headers: str) -> httpx.Response:
        """Post rows; bytes go as they are, as JSON."""
        if isinstance(rows, bytes):
            headers = {"Content-Type": "application/json"} | headers
            return self.client.post(path, content=rows, headers=self.headers | headers)
        return self.client.post(path, json=rows, headers=self.headers | headers)

    def get(self, path: str = "/v1/data/", **query: Any) -> httpx.Response:
        return self.client.get(path, params=query, headers=self.headers)

    def put(self, path: str, values: Any = None, **query: Any) -> httpx.Response:
        content = {} if values is None else {"json": values}
        return self.client.put(path, params=query, headers=self.headers, **content)

    def found(self, path: str = "/v1/data/", **query: Any) -> Any:
        """What is answered 200."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, **query: Any) -> list[dict[str, Any]]:
        """All rows that are asked for, of all pages."""
        pages = [self.found(per_page=1000, page=1, **query)]
        while following := pages[-1]["pagination"]["next_page"]:
            pages.append(self.found(per_page=1000, page=following, **query))
        return [row for page in pages for row in page["data"]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_user(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], User]]:
    """Registers and logs in somebody."""
    folder = tmp_path_factory.mktemp("environment")
    with contextlib.ExitStack() as stack:
        database = f"sqlite:///{folder / 'backend.db'}"
        if request.param == "postgresql":
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            database = stack.enter_context(server.new_database())
        key = Path(folder / "backend.key")
        app = stack.enter_context(opened(Settings(database, key_file=key)))
        client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
        yield lambda: User(client, bearer(database, key, next(_names)))


@pytest.fixture
def ada(new_user: Callable[[], User]) -> User:
    return new_user()


@pytest.fixture
def eva(new_user: Callable[[], User]) -> User:
    return new_user()
