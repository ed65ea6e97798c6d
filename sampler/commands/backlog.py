"""`sampler backlog`: what waits and what is set aside, and what an operator can do about it."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator

import click

from sampler.commands.configured import (
    Failure,
    config_or_exit,
    configured,
    spool_to_change,
    spool_to_read,
)
from sampler.commands.examples import examples
from sampler.commands.export import export
from sampler.commands.words import document, period, plural, why_not_whole
from sampler.device.config import Config
from sampler.device.spool import Entry, Spool

_STATES = {"waiting": "waiting", "held": "held", "set_aside": "set aside"}
_AT_A_TIME = 1_000
"""How many are dropped in one go: a daemon beside us waits meanwhile."""


@click.group(
    epilog=examples(
        "sampler backlog list", "sampler backlog export backlog.csv", "sampler backlog retry --all"
    )
)
def backlog() -> None:
    """Show, retry, export or drop the measurements that are not delivered yet.

    Works beside a running daemon, which takes notice at its next round, and without one.
    """


backlog.add_command(export)


@backlog.command(
    "list", epilog=examples("sampler backlog list", "sampler backlog list --json | jq '.[].sequence'")
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, a measurement a line.")
@configured
def show(load_config: Callable[[], Config], *, as_json: bool) -> None:
    """List what waits and what is set aside, with the backend's words."""
    config = config_or_exit(load_config)
    with spool_to_read(config) as spool:
        lines = _as_array(spool.entries()) if as_json else _as_table(spool)
        for line in lines:
            click.echo(line)


@backlog.command(epilog=examples("sampler backlog retry 17 18", "sampler backlog retry --all"))
@click.argument("sequences", nargs=-1, type=click.IntRange(1), metavar="[SEQUENCE]...")
@click.option("--all", "everything", is_flag=True, help="Everything that is set aside.")
@configured
def retry(load_config: Callable[[], Config], sequences: tuple[int, ...], *, everything: bool) -> None:
    """Send again what the backend has refused.

    What was set aside waits again, and goes when the daemon next delivers.
    """
    if everything == bool(sequences):
        raise click.UsageError("say which: their sequence numbers, or --all")
    config = config_or_exit(load_config)
    with spool_to_read(config) as spool:
        _refuse_unknown(spool, sequences, {"set_aside"}, "set aside")
    with spool_to_change(config) as spool:
        click.echo(f"{spool.retry(None if everything else sequences)} wait again")


@backlog.command(epilog=examples("sampler backlog drop 17 18", "sampler backlog drop --set-aside --yes"))
@click.argument("sequences", nargs=-1, type=click.IntRange(1), metavar="[SEQUENCE]...")
@click.option("--set-aside", "set_aside", is_flag=True, help="Everything that the backend has refused.")
@click.option("--all", "everything", is_flag=True, help="Everything that is not delivered.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@configured
def drop(
    load_config: Callable[[], Config],
    sequences: tuple[int, ...],
    *,
    set_aside: bool,
    everything: bool,
    yes: bool,
) -> None:
    """Throw measurements away for good. `sampler verify` will name them."""
    if [bool(sequences), set_aside, everything].count(True) != 1:
        raise click.UsageError("say which: their sequence numbers, --set-aside or --all")
    config = config_or_exit(load_config)
    with spool_to_read(config) as spool:
        _refuse_unknown(spool, sequences, set(_STATES), "in the backlog")
        chosen = sequences or [entry.sequence for entry in spool.entries("set_aside" if set_aside else None)]
    if chosen:
        _ask(len(set(chosen)), yes=yes)
    with spool_to_change(config) as spool:
        # Those that were asked about, whatever has come since.
        parts = (chosen[first : first + _AT_A_TIME] for first in range(0, len(chosen), _AT_A_TIME))
        click.echo(f"{sum(spool.drop(part, 'dropped by the operator') for part in parts)} dropped")


def _refuse_unknown(spool: Spool, sequences: Iterable[int], states: set[str], where: str) -> None:
    spool.status()  # where there is no spool, none is to be made
    unknown = set(sequences)
    if unknown:
        unknown -= {entry.sequence for entry in spool.entries() if entry.state in states}
    if unknown:
        numbers = ", ".join(map(str, sorted(unknown)))
        raise Failure(f"{numbers}: not {where}, so nothing was changed; `sampler backlog list` shows what is")


def _ask(count: int, *, yes: bool) -> None:
    if yes:
        return
    question = f"Drop {plural(count, 'measurement')} for good?"
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} There is nobody to ask: add --yes")
    if not click.confirm(question):
        raise Failure("nothing was dropped")


def _as_array(entries: Iterable[Entry]) -> Iterator[str]:
    joint = "["
    for entry in entries:
        yield joint + json.dumps(document(entry), ensure_ascii=False)
        joint = ","
    yield "]" if joint == "," else "[]"


def _as_table(spool: Spool) -> Iterator[str]:
    status = spool.status()
    width = len(str(status.sequence))
    for entry in spool.entries():
        yield f"{entry.sequence:>{width}}  {_STATES[entry.state]:<9}  {_figures(entry)}"
        for remark in _remarks(entry):
            yield f"{'':{width}}  {remark}"
    if status.waiting + status.set_aside:
        yield f"{status.waiting} waiting, {status.set_aside} set aside"
    else:
        yield "the backlog is empty: nothing is waiting or set aside"


def _figures(entry: Entry) -> str:
    found = entry.measurement
    extremes = f"min {found.min:7.2f}  max {found.max:7.2f}"
    return f"{period(found.start, found.end)}  {extremes}  average {found.average:7.2f} °C"


def _remarks(entry: Entry) -> Iterator[str]:
    if lacks := why_not_whole(entry.quality):
        yield f"not whole: {lacks}"
    if entry.state == "held":
        yield "held back until the clock is set"
    if entry.reason:
        yield f"refused {entry.since[:19].replace('T', ' ')}Z: {entry.reason}"
