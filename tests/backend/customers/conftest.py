"""A backend with the published sample: customers 1, 2 and 4 are active, 3 is not."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend.customers import sample
from sampler.backend.store import Store
from sampler.backend.store.opening import open_store
from tests.backend.conftest import Serve


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """The backend's database, as a command beside it opens it, with the published sample."""
    both = "database_url" in request.fixturenames
    url = request.getfixturevalue("database_url") if both else f"sqlite:///{tmp_path / 'backend.db'}"
    with closing(open_store(url)) as store:
        with store.writing() as session:
            sample.load(session)
        yield store


@pytest.fixture
def client(serve: Serve, store: Store) -> TestClient[Any]:
    return serve()
