"""The command `sampler backend receipts`."""

import json

import click
import msgspec

from sampler.backend import instants
from sampler.backend.commands.durations import duration
from sampler.backend.commands.options import database_option
from sampler.backend.commands.transaction import reading
from sampler.backend.shown import shown
from sampler.backend.store.receipts import Wanted, find
from sampler.backend.web.receipts import ListedReceipt, listed


@click.command(
    epilog="""\b
Examples:
  sampler backend receipts
  sampler backend receipts --since 1d --who "customer 7"
  sampler backend receipts --endpoint /data --status 400 --json
"""
)
@click.option("--since", type=duration, help="Only the last of them, such as 1d or 12h.")
@click.option("--who", help='Only those of "device NAME", "customer 7", "user 12" or "token NAME".')
@click.option("--endpoint", help="Only those of this path, as /openapi.json writes it.")
@click.option("--status", type=click.IntRange(400, 499), help="Only those answered so.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1_000_000), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, with the beginnings of the bodies.")
@database_option
def receipts(  # noqa: PLR0913 - the options
    *,
    since: int | None,
    who: str | None,
    endpoint: str | None,
    status: int | None,
    limit: int,
    as_json: bool,
    database: str,
) -> None:
    """Show what was refused, and why, newest first.

    Each refusal is kept with its time, who asked, the reason and the first KiB of the body, as far as it was
    read: as many, and as long, as the backend's --receipts and --receipts-kept say. Bodies that hold passwords are
    not kept.
    """
    start = instants.now() - since * instants.TICKS_PER_SECOND if since else None
    with reading(database) as session:
        found = find(session, Wanted(limit, start, endpoint=endpoint, who=who, status=status))
    told = [listed(receipt) for _, receipt in found]
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(told), indent=2))
        return
    for receipt in told:
        click.echo(_line(receipt))
    if not told:
        click.echo("nothing was refused")


def _line(r: ListedReceipt) -> str:
    return shown(f"{r.time}  {r.status} {r.method} {r.path}  {r.who or '-'}  {r.reason}  [{r.request_id}]")
