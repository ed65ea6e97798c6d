"""The command `sampler backend backup`."""

import contextlib
import time
from pathlib import Path

import click

from sampler.backend.commands.options import database_option
from sampler.backend.commands.progress import progress
from sampler.backend.commands.whole_file import whole_file
from sampler.backend.settings import CannotStart
from sampler.backend.store import StoreUnavailable
from sampler.backend.store.backups import CannotCopy, writing
from sampler.backend.store.backups.manifest import Manifest
from sampler.backend.store.migrations import NewerSchema
from sampler.backend.store.opening import open_store


@click.command(
    epilog="""\b
Examples:
  sampler backend backup backup.db
  sampler backend backup "backup-$(date +%F).db" --database sqlite:////var/lib/sampler/backend.db
"""
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@database_option
def backup(file: Path, database: str) -> None:
    """Write everything to FILE, as it is at one instant, while the backend runs.

    FILE is an SQLite database, whichever the backend uses: restored, it fills either. It appears when it is
    whole and on the disk, and only its owner may read it, for it holds the hashes of passwords and tokens.
    A file that is there already stays as it is.
    """
    began = time.monotonic()
    try:
        found = _write(file, database)
        size = file.stat().st_size
    except (CannotStart, CannotCopy, NewerSchema, StoreUnavailable, OSError) as error:
        raise click.ClickException(f"no backup was made: {error}") from error
    seconds = time.monotonic() - began
    click.echo(
        f"{file}: {found.rows:,} rows of {len(found.contents)} tables, {size / 1e6:.1f} MB, {seconds:.1f} s"
    )


def _write(file: Path, database: str) -> Manifest:
    with (
        contextlib.closing(open_store(database, as_it_is=True)) as store,
        whole_file(file) as part,
        progress(lambda: writing.rows_to_copy(store), "copying rows") as copied,
    ):
        return writing.write(store, part, copied)
