"""The command `sampler backend users`."""

import json
import time
from typing import Any

import click

from sampler.backend.accounts.documents import email
from sampler.backend.commands.options import database_option
from sampler.backend.commands.transaction import reading, writing
from sampler.backend.instants import TICKS_PER_SECOND, iso
from sampler.backend.store import Session
from sampler.backend.store import accounts as table
from sampler.backend.store.accounts import User

_DIGITS = 19


@click.group(
    epilog="""\b
Examples:
  sampler backend users list
  sampler backend users disable ada@example.com
  sampler backend users revoke 7
"""
)
def users() -> None:
    """List users, shut them out, let them in again, log them out (contract E).

    USER is an e-mail or a number. Running backends believe an access token for 10 more seconds.
    """


@users.command(name="list", epilog="\b\nExample:\n  sampler backend users list --json")
@click.option("--json", "as_json", is_flag=True, help="As a JSON array, for programs.")
@database_option
def list_users(*, as_json: bool, database: str) -> None:
    """List all users, by number, with how many sessions each has."""
    with reading(database) as session:
        everybody = [_described(*each) for each in table.everybody(session, int(time.time()))]
    if as_json:
        click.echo(json.dumps(everybody, ensure_ascii=False, indent=2))
    elif not everybody:
        click.echo("nobody has registered yet: that is done with POST /auth/register")
    else:
        click.echo("\n".join(map(_line, everybody)))


@users.command(epilog="\b\nExample:\n  sampler backend users disable ada@example.com")
@click.argument("user")
@database_option
def disable(user: str, database: str) -> None:
    """Shut a user out: no login, and all sessions end. The user's data stays."""
    with writing(database) as session:
        found = _found(session, user)
        ended = table.disable(session, found.number, int(time.time()))
    click.echo(f"disabled: {_name(found)}, {_sessions(ended)} ended")


@users.command(epilog="\b\nExample:\n  sampler backend users enable ada@example.com")
@click.argument("user")
@database_option
def enable(user: str, database: str) -> None:
    """Let a user log in again."""
    with writing(database) as session:
        found = _found(session, user)
        table.enable(session, found.number)
    click.echo(f"enabled: {_name(found)}")


@users.command(epilog="\b\nExample:\n  sampler backend users revoke ada@example.com")
@click.argument("user")
@database_option
def revoke(user: str, database: str) -> None:
    """Log a user out everywhere: all sessions end, and the next login begins a new one."""
    with writing(database) as session:
        found = _found(session, user)
        ended = table.end_all(session, found.number)
    click.echo(f"{_name(found)}: {_sessions(ended)} ended")


def _found(session: Session, name: str) -> User:
    user = _by_name(session, name)
    if user is None:
        raise click.ClickException(
            f"there is no user {name!r}: sampler backend users list shows who there is"
        )
    return user


def _by_name(session: Session, name: str) -> User | None:
    if name.isascii() and name.isdigit() and len(name) < _DIGITS:
        return table.by_number(session, int(name))
    try:
        return table.by_email(session, email(name).folded)
    except ValueError:
        return None


def _described(user: User, sessions: int) -> dict[str, Any]:
    return {
        "number": user.number,
        "email": user.email,
        "username": user.username,
        "registered": _instant(user.registered),
        "disabled": _instant(user.disabled) if user.disabled is not None else None,
        "sessions": sessions,
    }


def _line(described: dict[str, Any]) -> str:
    standing = "disabled" if described["disabled"] else _sessions(described["sessions"])
    return "{number}  {email}  {username}  since {registered}  ".format(**described) + standing


def _instant(seconds: int) -> str:
    return iso(seconds * TICKS_PER_SECOND)


def _name(user: User) -> str:
    return f"{user.number} {user.email}"


def _sessions(count: int) -> str:
    return f"{count} session" + ("" if count == 1 else "s")
