"""The command `sampler backend verify`."""

import json
from collections.abc import Iterator, Sequence

import click

from sampler.backend import instants
from sampler.backend.commands.options import database_option
from sampler.backend.commands.progress import progress
from sampler.backend.commands.transaction import of_this_version
from sampler.backend.settings import CannotStart
from sampler.backend.store import StoreUnavailable
from sampler.backend.store.migrations import NewerSchema
from sampler.backend.store.readings import verifying
from sampler.backend.store.readings.verifying import Difference


@click.command(
    epilog="""\b
Examples:
  sampler backend verify
  sampler backend verify --json | jq '.differences[].sensor'
  DATABASE_URL=postgresql://sampler@db.example/sampler sampler backend verify
"""
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@database_option
def verify(as_json: bool, database: str) -> None:  # noqa: FBT001 - click's way of a flag
    """Compute all statistics of readings anew and compare, beside a running backend.

    Of hours whose readings have expired there are only the statistics, which are added up. Ends with 1 if anything
    differs or cannot be read, and names it.
    """
    try:
        with (
            of_this_version(database) as store,
            progress(lambda: verifying.size(store), "comparing") as done,
        ):
            differences = [*verifying.verify(store, done)]
    except (CannotStart, NewerSchema, StoreUnavailable) as error:
        raise click.ClickException(f"not everything was compared: {error}") from error
    for line in [_document(differences)] if as_json else _lines(differences):
        click.echo(line)
    if differences:
        raise click.exceptions.Exit(1)


def _document(differences: Sequence[Difference]) -> str:
    found = [
        {
            "sensor": one.sensor,
            "hour": _hour(one),
            "what": one.what,
            "stored": one.stored,
            "recomputed": one.recomputed,
        }
        for one in differences
    ]
    return json.dumps({"clean": not found, "differences": found}, indent=2, ensure_ascii=False)


def _lines(differences: Sequence[Difference]) -> Iterator[str]:
    for one in differences:
        where = ", ".join(filter(None, (one.sensor, _hour(one))))
        yield f"{where}{': ' if where else ''}{one.what}: stored {one.stored}, recomputed {one.recomputed}"
    if not differences:
        yield "all statistics are what the readings give"
    else:
        yield f"{len(differences)} {'difference' if len(differences) == 1 else 'differences'}"


def _hour(difference: Difference) -> str | None:
    return None if difference.hour is None else instants.iso(difference.hour * instants.TICKS_PER_HOUR)
