"""The commands as an operator types them, and stores with something in them."""

import contextlib
from pathlib import Path

import apsw
from click.testing import CliRunner, Result

from sampler.backend.command import backend
from sampler.backend.store import Row, Session, Store
from sampler.backend.store.backups.tables import HOUSEKEEPING, tables
from sampler.backend.store.dialect import Dialect
from sampler.backend.store.migrations import apply
from sampler.backend.store.opening import open_store
from sampler.backend.store.sqlite import DIALECT
from sampler.backend.store.sqlite_session import SqliteSession

VALUES = {
    "INTEGER": [1, 2**53],
    "REAL": [0.1, -1e300],
    "TEXT": ["1", "Å \U0001f321\n"],
    "BLOB": [b"\0\xff", b""],
}


def run(*arguments: str | Path, database: str) -> Result:
    return CliRunner().invoke(backend, [str(a) for a in arguments], env={"DATABASE_URL": database})


def done(*arguments: str | Path, database: str) -> str:
    result = run(*arguments, database=database)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str | Path, database: str) -> str:
    """The words of a command that fails, without the line breaks of the terminal's width."""
    result = run(*arguments, database=database)
    assert result.exit_code == 1, result.output
    return " ".join(result.stderr.split())


def names(session: Session, dialect: Dialect) -> set[str]:
    """Every table that a backup has to hold, as the engine itself names them."""
    return {name for (name,) in session.rows(dialect.tables)} - HOUSEKEEPING


def content(database: str) -> dict[str, list[Row]]:
    """All rows of all tables."""
    with contextlib.closing(open_store(database, as_it_is=True)) as store, store.reading() as session:
        return {
            name: sorted(session.rows(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608 - names from the schema
            for name in names(session, store.dialect)
        }


def fill_every_table(store: Store) -> None:
    """Put a row or two into each table, whatever it is for: values at the ends of what its types can hold."""
    blank = apsw.Connection(":memory:")
    layout = SqliteSession(blank, Path("memory"))
    apply(layout, DIALECT)
    for table in tables(layout):
        types = [
            kind
            for (kind,) in layout.rows("SELECT type FROM pragma_table_info(:t) ORDER BY cid", t=table.name)
        ]
        for n in (0, 1):
            row = tuple(VALUES[kind][n] for kind in types)
            # A table of one row takes the first.
            with contextlib.suppress(Exception), store.writing() as session:
                table.insert(session, [row])
    blank.close()


def add_measurement(session: Session, received: int, device: str = "kitchen") -> None:
    session.run(
        'INSERT INTO measurements (device, start, "end", min, max, average, received)'
        " VALUES (:device, 0, 1, 1.1, 1.3, 1.2, :received)",
        device=device,
        received=received,
    )
