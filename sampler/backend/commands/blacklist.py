"""The command `sampler backend blacklist`."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from sampler.backend.commands.options import database_option
from sampler.backend.commands.transaction import reading, writing
from sampler.backend.customers import senders
from sampler.backend.store import blacklist as table

_LONGEST_AGENT = 200
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(
    epilog="""\b
Examples:
  sampler backend blacklist add --address 192.0.2.7 --address 2001:db8::7
  sampler backend blacklist add --agent Googlebot
  sampler backend blacklist remove --agent Googlebot
  sampler backend blacklist list
"""
)
def blacklist() -> None:
    """Name addresses and agents whose requests are refused (contract C).

    An address is compared with a request's remoteIP in its one form: 2001:DB8:0::7 is 2001:db8::7, and
    ::ffff:192.0.2.7 is 192.0.2.7. An agent is looked for as whole words in the User-Agent, in small or capital
    letters: Googlebot is in "Mozilla/5.0 (compatible; Googlebot/2.1)" and not in "Googlebot-News".

    A running backend knows of it with its next request.
    """


def _address(_: click.Context, __: click.Parameter, written: tuple[str, ...]) -> list[str]:
    try:
        return [senders.address(address) for address in written]
    except ValueError as error:
        raise click.BadParameter(f"{error}: write one such as 192.0.2.7 or 2001:db8::7") from error


def _agent(_: click.Context, __: click.Parameter, written: tuple[str, ...]) -> tuple[str, ...]:
    for agent in written:
        if len(agent) > _LONGEST_AGENT or not agent.isprintable() or not senders.words(agent):
            raise click.BadParameter(
                f"{agent!r} is none: it must have 1 to {_LONGEST_AGENT} printable characters, not only separators"
            )
    return written


def _entries(command: Command) -> Command:
    """Give the command its addresses and agents."""
    agents = click.option("--agent", "agents", multiple=True, callback=_agent, help="A program's name.")
    addresses = click.option("--address", "addresses", multiple=True, callback=_address, help="IPv4 or IPv6.")
    return addresses(agents(database_option(command)))


@blacklist.command(
    epilog="\b\nExample:\n  sampler backend blacklist add --address 192.0.2.7 --agent Googlebot"
)
@_entries
def add(addresses: Sequence[str], agents: Sequence[str], database: str) -> None:
    """Refuse the requests of these from now on."""
    _refuse_none(addresses, agents)
    with writing(database) as session:
        new = [address for address in addresses if table.add_address(session, address)]
        new += [agent for agent in agents if table.add_agent(session, senders.words(agent), agent)]
    for entry in [*addresses, *agents]:
        click.echo(f"{entry} {'added' if entry in new else 'was listed already'}")


@blacklist.command(epilog="\b\nExample:\n  sampler backend blacklist remove --agent Googlebot")
@_entries
def remove(addresses: Sequence[str], agents: Sequence[str], database: str) -> None:
    """Take the requests of these again: of all that are named, or of none."""
    _refuse_none(addresses, agents)
    with writing(database) as session:
        missing = [address for address in addresses if not table.remove_address(session, address)]
        missing += [agent for agent in agents if not table.remove_agent(session, senders.words(agent))]
        if missing:
            raise click.ClickException(
                f"{' and '.join(missing)} not listed, nothing was changed: sampler backend blacklist list"
            )
    click.echo(f"removed: {', '.join([*addresses, *agents])}")


def _refuse_none(addresses: Sequence[str], agents: Sequence[str]) -> None:
    if not addresses and not agents:
        raise click.UsageError("name an --address or an --agent")


@blacklist.command(name="list", epilog="\b\nExample:\n  sampler backend blacklist list --json")
@click.option("--json", "as_json", is_flag=True, help="As a JSON object, for programs.")
@database_option
def list_entries(*, as_json: bool, database: str) -> None:
    """List the addresses and agents whose requests are refused."""
    with reading(database) as session:
        entries = {"addresses": table.addresses(session), "agents": table.agents(session)}
    if as_json:
        click.echo(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    for kind, listed in (("address", entries["addresses"]), ("agent", entries["agents"])):
        for entry in listed:
            click.echo(f"{kind:7}  {entry}")
    if not any(entries.values()):
        click.echo("nothing is listed")
