"""`sampler backlog export`: the backlog as a file, for whoever wants to keep or read it elsewhere."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

import click

from sampler.commands.configured import Failure, config_or_exit, configured, spool_to_read
from sampler.commands.examples import examples
from sampler.commands.words import COLUMNS, document, plural, row
from sampler.device.config import Config
from sampler.device.spool import Entry


@click.command(
    epilog=examples(
        "sampler backlog export backlog.jsonl",
        "sampler backlog export backlog.csv",
        "sampler backlog export - | grep set_aside",
    )
)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["json", "csv"]), help="CSV if FILE ends so, else JSON lines."
)
@configured
def export(load_config: Callable[[], Config], file: Path, form: str | None) -> None:
    """Write the backlog to FILE, a measurement a line.

    - is the standard output. A file that is there already stays as it is. JSON lines have the published
    document's form, with sequence number, state, quality and the backend's words added.
    """
    config = config_or_exit(load_config)
    write = _as_csv if (form or file.suffix.lower().lstrip(".")) == "csv" else _as_json
    with spool_to_read(config) as spool:
        spool.status()  # without a spool there is to be no file
        if str(file) == "-":
            write(sys.stdout, spool.entries())
        else:
            count = _to_file(file, write, spool.entries())
            click.echo(f"{file} has {plural(count, 'measurement')}", err=True)


def _to_file(file: Path, write: Callable[[TextIO, Iterable[Entry]], int], entries: Iterable[Entry]) -> int:
    try:
        out = file.open("x", encoding="utf-8", newline="")
    except FileExistsError:
        raise click.BadParameter(f"{file} is there already: name another", param_hint="FILE") from None
    except OSError as error:
        raise click.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from None
    try:
        with out:
            count = write(out, entries)
            out.flush()
            os.fsync(out.fileno())  # what it holds may be dropped next
    except OSError as error:
        raise Failure(f"{file} is not whole: {error.strerror}") from None
    return count


def _as_json(out: TextIO, entries: Iterable[Entry]) -> int:
    return sum(bool(out.write(json.dumps(document(entry), ensure_ascii=False) + "\n")) for entry in entries)


def _as_csv(out: TextIO, entries: Iterable[Entry]) -> int:
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    return sum(bool(rows.writerow(row(entry))) for entry in entries)
