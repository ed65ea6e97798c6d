"""The command `sampler backend customers`."""

import json
from dataclasses import asdict

import click

from sampler.backend.commands.options import database_option
from sampler.backend.commands.transaction import reading, writing
from sampler.backend.customers import sample
from sampler.backend.store import HIGHEST, Session
from sampler.backend.store import customers as table
from sampler.backend.store.customers import Customer

_LONGEST_NAME = 200
_NUMBER = click.IntRange(0, HIGHEST)


@click.group(
    epilog="""\b
Examples:
  sampler backend customers add 5 "Corner Shop"
  sampler backend customers disable 5
  sampler backend customers list
  sampler backend customers load-sample --database sqlite:///try.db
"""
)
def customers() -> None:
    """Add, disable and list customers (contract C).

    A running backend knows of it with its next request. What was counted for a customer stays.
    """


def _checked(_: click.Context, __: click.Parameter, name: str) -> str:
    if not (name.strip() and len(name) <= _LONGEST_NAME and name.isprintable()):
        raise click.BadParameter(f"it must have 1 to {_LONGEST_NAME} printable characters")
    return name


@customers.command(epilog='\b\nExample:\n  sampler backend customers add 5 "Corner Shop" --inactive')
@click.argument("number", type=_NUMBER)
@click.argument("name", callback=_checked)
@click.option("--inactive", is_flag=True, help="Refuse its requests until it is enabled.")
@database_option
def add(number: int, name: str, *, inactive: bool, database: str) -> None:
    """Add a customer, active unless told otherwise."""
    customer = Customer(number, name, active=not inactive)
    with writing(database) as session:
        if not table.add(session, customer):
            raise click.ClickException(
                f"number {number} is taken by {_name(session, number)}: choose another"
            )
    click.echo(f"added: {_told(customer)}")


def _name(session: Session, number: int) -> str:
    customer = table.find(session, number)
    return customer.name if customer else "nobody"


@customers.command(epilog="\b\nExample:\n  sampler backend customers enable 5")
@click.argument("number", type=_NUMBER)
@database_option
def enable(number: int, database: str) -> None:
    """Let a customer's requests be valid."""
    _activate(number, database, active=True)


@customers.command(epilog="\b\nExample:\n  sampler backend customers disable 5")
@click.argument("number", type=_NUMBER)
@database_option
def disable(number: int, database: str) -> None:
    """Refuse a customer's requests from now on; they are counted as invalid."""
    _activate(number, database, active=False)


def _activate(number: int, database: str, *, active: bool) -> None:
    with writing(database) as session:
        table.activate(session, number, active=active)
        customer = table.find(session, number)
    if customer is None:
        raise click.ClickException(
            f"there is no customer {number}: sampler backend customers list shows who there is"
        )
    click.echo(_told(customer))


@customers.command(name="list", epilog="\b\nExample:\n  sampler backend customers list --json")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, for programs.")
@database_option
def list_customers(*, as_json: bool, database: str) -> None:
    """List all customers, by number."""
    with reading(database) as session:
        everyone = table.everyone(session)
    if as_json:
        click.echo(json.dumps([asdict(customer) for customer in everyone], ensure_ascii=False, indent=2))
    elif not everyone:
        click.echo("there is no customer yet: sampler backend customers add NUMBER NAME")
    else:
        click.echo("\n".join(map(_told, everyone)))


def _told(customer: Customer) -> str:
    return f"{customer.number}  {'active' if customer.active else 'not active':10}  {customer.name}"


@customers.command(epilog="\b\nExample:\n  sampler backend customers load-sample --database sqlite:///try.db")
@database_option
def load_sample(database: str) -> None:
    """Add the four customers, three addresses and three agents of the published sample.

    What is there already stays as it is, so it can be repeated.
    """
    with writing(database) as session:
        new = sample.load(session)
    click.echo("added: {} customers, {} addresses, {} agents".format(*new))
