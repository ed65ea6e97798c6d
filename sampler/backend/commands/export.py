"""The command `sampler backend export`."""

import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import click

from sampler.backend import instants
from sampler.backend.commands.exporting import Columns, contents
from sampler.backend.commands.options import database_option
from sampler.backend.commands.progress import counting
from sampler.backend.commands.transaction import of_this_version
from sampler.backend.commands.whole_file import whole_file
from sampler.backend.packing import Damaged
from sampler.backend.settings import CannotStart
from sampler.backend.store import Store, StoreUnavailable
from sampler.backend.store.migrations import NewerSchema

Write = Callable[[Columns, BinaryIO, Callable[[int], None]], None]
_WHAT = {"readings": contents.readings, "measurements": contents.of_measurements}


def _start(_: click.Context, __: click.Parameter, text: str) -> int:
    try:
        return instants.parse(text)
    except ValueError as error:
        raise click.BadParameter(f"it {error}") from error


def _end(context: click.Context, parameter: click.Parameter, text: str) -> int:
    """Take a date for the whole day, as contract D does."""
    is_a_date = re.fullmatch(r"\d{4}-\d\d-\d\d", text)
    return _start(context, parameter, text) + (instants.TICKS_PER_DAY if is_a_date else 0)


@click.command(
    epilog="""\b
Examples:
  sampler backend export --from 2022-04-12 --to 2022-04-14 -o april.csv
  sampler backend export --sensor kitchen --format csv | gzip > kitchen.csv.gz
  sampler backend export --what measurements --from 2022-04-12T06:00Z -o morning.parquet
"""
)
@click.option(
    "--from", "start", default="1970-01-01", callback=_start, metavar="TIME", help="Not before; default: all."
)
@click.option(
    "--to", "end", default="2199-12-31", callback=_end, metavar="TIME",
    help="Before that time, or to the end of that day; default: all.",
)  # fmt: skip
@click.option("--what", type=click.Choice(list(_WHAT)), default="readings", show_default=True)
@click.option("--sensor", metavar="NAME", help="Only that sensor's readings, or that device's measurements.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet"]), help="Parquet if FILE ends so, else CSV."
)
@click.option(
    "-o", "--output", default="-", show_default=True, metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="- is the standard output.",
)  # fmt: skip
@database_option
def export(database: str, output: Path, form: str | None, **wanted: Any) -> None:
    """Write the readings, or measurements, of a range in the order of their times, beside a running backend.

    A row has time, name and value; times are UTC. FILE appears when it is whole; one that is there stays as it is.
    """
    write = _writer(form or output.suffix.lower().lstrip("."))
    try:
        with of_this_version(database) as store:
            _write(_columns(store, **wanted), output, write)
    except BrokenPipeError:
        raise  # who reads it has seen enough: click ends it quietly
    except (CannotStart, NewerSchema, StoreUnavailable, Damaged, OSError) as error:
        raise click.ClickException(f"the export is not whole: {error}") from error


def _writer(form: str) -> Write:
    try:
        # Here, not above: Parquet's library is large, and few need it.
        module = import_module(
            f"sampler.backend.commands.exporting.as_{'parquet' if form == 'parquet' else 'csv'}"
        )
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is missing: pip install '.[backend,parquet]' in sampler's folder, or --format csv"
        ) from error
    write: Write = module.write
    return write


def _columns(store: Store, what: str, start: int, end: int, sensor: str | None) -> Columns:
    return _WHAT[what](store, start, end, sensor)


def _write(columns: Columns, output: Path, write: Write) -> None:
    if str(output) == "-":
        write(columns, sys.stdout.buffer, lambda _: None)
        return
    with whole_file(output) as part, part.open("wb") as file, counting("rows") as wrote:
        write(columns, file, wrote)
