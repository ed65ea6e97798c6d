"""The command `sampler backend migrate`."""

import contextlib

import click

from sampler.backend.commands.options import database_option
from sampler.backend.settings import CannotStart, database_path, is_shared
from sampler.backend.store import StoreUnavailable, migrations
from sampler.backend.store.migrations import Migration, NewerSchema
from sampler.backend.store.opening import open_store


@click.command(
    epilog="""\b
Examples:
  sampler backend migrate --check
  DATABASE_URL=postgresql://sampler@db.example/sampler sampler backend migrate
"""
)
@click.option("--check", is_flag=True, help="Only look: exit with 0 if nothing is to be done, else with 1.")
@database_option
def migrate(check: bool, database: str) -> None:  # noqa: FBT001 - click's way of a flag
    """Bring the database up to this version, as every start of the backend does, and list the steps taken."""
    try:
        steps = _ahead(database) if check or not _is_new(database) else migrations.known()
        if not check:
            open_store(database).close()
    except (CannotStart, StoreUnavailable) as error:
        raise click.ClickException(str(error)) from error
    except NewerSchema as error:
        raise click.ClickException(f"the database cannot be used: {error}") from error
    for step in steps:
        click.echo(f"{'outstanding' if check else 'applied'}: {step.number:04} {step.name}")
    if not steps:
        click.echo("the database is up to date")
    elif check:
        raise click.exceptions.Exit(1)


def _is_new(database: str) -> bool:
    return not is_shared(database) and not database_path(database).exists()


def _ahead(database: str) -> list[Migration]:
    with (
        contextlib.closing(open_store(database, as_it_is=True)) as store,
        store.reading() as session,
    ):
        return migrations.ahead(session, store.dialect)
