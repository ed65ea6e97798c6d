"""Stores of both engines, with a table for the tests to write in."""

from collections.abc import Callable, Iterator
from string import Template

import pytest

from sampler.backend.store import Store
from sampler.backend.store.opening import open_store

Open = Callable[[], Store]

_THINGS = Template(
    'CREATE TABLE things (number $id, name $text UNIQUE, "whole" $int, "real" $real, raw $bytes) $strict'
)


@pytest.fixture
def another(database_url: str) -> Iterator[Open]:
    """Open a store over the one database, as another instance would."""
    stores: list[Store] = []

    def open_another() -> Store:
        stores.append(open_store(database_url))
        return stores[-1]

    yield open_another
    for store in stores:
        store.close()


@pytest.fixture
def store(another: Open) -> Store:
    """A store, of each engine in turn, with an empty table of things."""
    return with_things(another())


def with_things(store: Store) -> Store:
    """Make the table in it."""
    with store.writing() as session:
        session.run(_THINGS.substitute(store.dialect.types))
    return store
