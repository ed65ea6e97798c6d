"""What the backend's commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from sampler.backend.settings import database_url, default_database_url, is_shared

Command = TypeVar("Command", bound=Callable[..., Any])


def _database(context: click.Context, parameter: click.Parameter, url: str) -> str:
    try:
        checked = database_url(url)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    source = context.get_parameter_source(parameter.name or "")
    if source is ParameterSource.COMMANDLINE and is_shared(url) and _has_password(url):
        raise click.BadParameter(
            "everybody on this machine could read the password in the list of processes: "
            "set the URL in the environment, DATABASE_URL, or the password in PGPASSFILE"
        )
    return checked


def _has_password(url: str) -> bool:
    """Whether there is one before the last @, or among the parameters."""
    user, at, _ = url.partition("://")[2].rpartition("@")
    return (bool(at) and ":" in user) or "password=" in url


def database_option(command: Command) -> Command:
    """Give the command its `--database URL`."""
    return click.option(
        "--database",
        envvar="DATABASE_URL",
        default=default_database_url,
        callback=_database,
        metavar="URL",
        help="sqlite:///FILE, created if missing, or postgresql://USER@HOST/DATABASE.  "
        "[env: DATABASE_URL; default: backend.db in the state directory]",
    )(command)
