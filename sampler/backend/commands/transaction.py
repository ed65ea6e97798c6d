"""The store as commands use it, also beside a running backend."""

import contextlib
from collections.abc import Iterator

import click

from sampler.backend.settings import CannotStart
from sampler.backend.store import Session, Store, StoreUnavailable, migrations
from sampler.backend.store.migrations import NewerSchema
from sampler.backend.store.opening import open_store


@contextlib.contextmanager
def writing(url: str) -> Iterator[Session]:
    """Give a transaction that is stored when the block ends; what cannot be is a ClickException."""
    with _errors_told(), contextlib.closing(open_store(url)) as store, store.writing() as session:
        yield session


@contextlib.contextmanager
def reading(url: str) -> Iterator[Session]:
    """Give a view of one instant of what is there: looking makes nothing. What cannot be is a ClickException."""
    with _errors_told(), of_this_version(url) as store, store.reading() as session:
        yield session


@contextlib.contextmanager
def of_this_version(url: str) -> Iterator[Store]:
    """Give the store to be read, as it is. Raises CannotStart if its schema is an older one, NewerSchema."""
    with contextlib.closing(open_store(url, as_it_is=True)) as store:
        with store.reading() as session:
            if migrations.ahead(session, store.dialect):
                raise CannotStart("the database is not of this version: sampler backend migrate")
        yield store


@contextlib.contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except CannotStart as error:
        raise click.ClickException(str(error)) from error
    except NewerSchema as error:
        raise click.ClickException(f"the database cannot be used: {error}") from error
    except StoreUnavailable as error:
        raise click.ClickException(f"nothing was changed, try again: {error}") from error
