"""The command `sampler backend restore`."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import click

from sampler.backend.commands.options import database_option
from sampler.backend.commands.progress import progress
from sampler.backend.settings import CannotStart, database_path, is_shared
from sampler.backend.shown import shown
from sampler.backend.store import StoreUnavailable
from sampler.backend.store.backups import CannotCopy, restoring
from sampler.backend.store.backups.manifest import Manifest
from sampler.backend.store.migrations import NewerSchema
from sampler.backend.store.opening import open_store
from sampler.files import make_private


@click.command(
    epilog="""\b
Examples:
  sampler backend restore backup.db --database sqlite:////var/lib/sampler/backend.db
  DATABASE_URL=postgresql://sampler@db.example/sampler sampler backend restore backup.db
"""
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@database_option
def restore(file: Path, database: str) -> None:
    """Fill an empty database from the backup FILE, which may come from either engine.

    All of it is restored, or nothing. Stop the backend first: it must not fill the database meanwhile.
    """
    began = time.monotonic()
    try:
        found = _restore(file, database)
    except (CannotStart, CannotCopy, NewerSchema, StoreUnavailable, OSError) as error:
        raise click.ClickException(f"{file} was not restored: {shown(str(error))}") from error
    for name, content in found.contents.items():
        if content.rows:
            click.echo(f"{content.rows:>12,}  {name}")
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(found.made))
    click.echo(f"restored what was there on {made}: {found.rows:,} rows, {time.monotonic() - began:.1f} s")
    click.echo("to see that the statistics are what the readings say: sampler backend verify")


def _restore(file: Path, database: str) -> Manifest:
    with (
        restoring.opened(file) as (backup, found),
        contextlib.nullcontext() if is_shared(database) else _room(database_path(database)),
        contextlib.closing(open_store(database, as_it_is=True)) as store,
        progress(lambda: found.rows, "restoring rows") as copied,
    ):
        restoring.restore(backup, found, store, copied)
    return found


@contextlib.contextmanager
def _room(path: Path) -> Iterator[None]:
    """Make the file if there is none, and take it away again if nothing comes of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = make_private(path)
    try:
        yield
    except BaseException:
        if is_new:
            for left in (path, *(path.with_name(f"{path.name}-{end}") for end in ("wal", "shm"))):
                left.unlink(missing_ok=True)
        raise
