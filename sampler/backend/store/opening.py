"""A database's URL -> its store."""

from sampler.backend.settings import CannotStart, database_path, is_shared
from sampler.backend.store import Store, StoreUnavailable
from sampler.backend.store.migrations import NewerSchema


def open_store(url: str, *, as_it_is: bool = False) -> Store:
    """Open the store and bring its schema up to date; to be closed by the caller. Raises CannotStart.

    As it is, nothing is created or changed: whoever asks looks first at `tables`.
    """
    # Each engine's library is imported only where it is used.
    try:
        if is_shared(url):
            from sampler.backend.store.postgresql import PostgresqlStore  # noqa: PLC0415

            return PostgresqlStore(url, as_it_is=as_it_is)
        from sampler.backend.store.sqlite import SqliteStore  # noqa: PLC0415

        path = database_path(url)
        if as_it_is and not path.exists():
            raise CannotStart(
                f"there is no database {path}: name another with --database, or start the backend first"
            )
        return SqliteStore(path, as_it_is=as_it_is)
    except NewerSchema as error:
        raise CannotStart(f"the database cannot be used: {error}") from error
    except StoreUnavailable as error:
        cure = "see to the server, or name another" if is_shared(url) else "name a file that can be written"
        raise CannotStart(f"the database cannot be used: {error}; {cure} with --database") from error
