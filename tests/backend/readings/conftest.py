"""Stores that a test looks into, on both engines."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from sampler.backend.store import Store
from sampler.backend.store.opening import open_store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store of each engine; `client`, if the test names it, is a backend over the same."""
    with closing(open_store(database_url)) as store:
        yield store
