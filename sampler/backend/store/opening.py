"""A database's URL -> its store."""

from sampler.backend.settings import CannotStart, database_path, is_shared
from sampler.backend.store import Store, StoreUnavailable
from sampler.backend.store.migrations import NewerSchema


def open_store(url: str) -> Store:
    """Open the store and bring its schema up to date; to be closed by the caller. Raises CannotStart."""
    # Each engine's library is imported only where it is used.
    try:
        if is_shared(url):
            from sampler.backend.store.postgresql import PostgresqlStore  # noqa: PLC0415

            return PostgresqlStore(url)
        from sampler.backend.store.sqlite import SqliteStore  # noqa: PLC0415

        return SqliteStore(database_path(url))
    except NewerSchema as error:
        raise CannotStart(f"the database cannot be used: {error}") from error
    except StoreUnavailable as error:
        cure = "see to the server, or name another" if is_shared(url) else "name a file that can be written"
        raise CannotStart(f"the database cannot be used: {error}; {cure} with --database") from error
