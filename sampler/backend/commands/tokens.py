"""The command `sampler backend tokens`."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from sampler.backend.commands.durations import duration
from sampler.backend.commands.options import database_option
from sampler.backend.commands.transaction import reading, writing
from sampler.backend.store import tokens as table
from sampler.backend.store.tokens import SCOPES, NameTaken, Token

_LONGEST_NAME = 100


@click.group(
    epilog="""\b
Examples:
  sampler backend tokens add kitchen --scope write:A
  sampler backend tokens add dashboard --scope read --expires 90d
  sampler backend tokens list
  sampler backend tokens revoke kitchen
"""
)
def tokens() -> None:
    """Make, list and revoke tokens for devices and services.

    A backend that listens beyond loopback asks for them, unless --open says that the network is trusted. A token
    is sent as `Authorization: Bearer TOKEN`; a device reads it from the file that backend.token_file names.

    A running backend knows of a change within two seconds.
    """


def _name(_: click.Context, __: click.Parameter, name: str) -> str:
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable() or name.isdecimal():
        raise click.BadParameter(
            f"a name has 1 to {_LONGEST_NAME} printable characters, and is no number: revoke takes those for ids"
        )
    return name


@tokens.command(
    epilog="\b\nExample:\n  sampler backend tokens add kitchen --scope write:A --scope read --expires 90d"
)
@click.argument("name", callback=_name)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(SCOPES),
    help="What it is for, repeatable: write:A temperatures, write:B and write:D readings as JSON and as text, "
    "write:C customers' requests, read whatever they left, admin everything.",
)
@click.option("--expires", type=duration, help="How long it is good for, such as 90d.  [default: for ever]")
@database_option
def add(name: str, scopes: Sequence[str], expires: int | None, database: str) -> None:
    """Make a token and print it, this once: the database keeps only its hash."""
    secret, now = table.make(), int(time.time())
    new = Token(0, name, frozenset(scopes), now, now + expires if expires else None)
    try:
        with writing(database) as session:
            table.add(session, table.hashed(secret), new)
    except NameTaken:
        raise click.ClickException(
            f"there is a token {name}: choose another name, or revoke it: sampler backend tokens revoke {name}"
        ) from None
    click.echo(secret)
    click.echo("Keep it where it is needed: it is not shown again.", err=True)


@tokens.command(name="list", epilog="\b\nExample:\n  sampler backend tokens list --json")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, for programs.")
@database_option
def list_tokens(*, as_json: bool, database: str) -> None:
    """List all tokens, those that are revoked or have expired too."""
    with reading(database) as session:
        found = table.listed(session)
    if as_json:
        click.echo(json.dumps([_told(token) for token in found], ensure_ascii=False, indent=2))
        return
    for token in found:
        told = _told(token)
        click.echo(
            f"{told['id']:>4}  {told['state']:8}  {told['name']}  {' '.join(told['scopes'])}{_until(told)}"
        )
    if not found:
        click.echo("there are none: sampler backend tokens add NAME --scope …")


@tokens.command(epilog="\b\nExample:\n  sampler backend tokens revoke kitchen")
@click.argument("name_or_id")
@database_option
def revoke(name_or_id: str, database: str) -> None:
    """End a token: within two seconds it opens nothing any more."""
    with writing(database) as session:
        if not table.revoke(session, name_or_id, int(time.time())):
            raise click.ClickException(
                f"there is no token {name_or_id} to revoke: sampler backend tokens list"
            )
    click.echo(f"revoked: {name_or_id}")


def _told(token: Token) -> dict[str, Any]:
    state = "live" if token.is_live(time.time()) else "revoked" if token.revoked else "expired"
    return {
        "id": token.number,
        "name": token.name,
        "state": state,
        "scopes": sorted(token.scopes),
        "created": _date(token.created),
        "expires": _date(token.expires),
        "revoked": _date(token.revoked),
    }


def _until(told: dict[str, Any]) -> str:
    return f"  expires {told['expires']}" if told["state"] == "live" and told["expires"] else ""


def _date(seconds: int | None) -> str | None:
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
