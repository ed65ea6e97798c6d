"""Commands of the backend that are imported only when they are asked for, with the reason if they cannot be."""

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "customers": "Add, disable and list customers (contract C).",
    "blacklist": "Name addresses and agents whose requests are refused (contract C).",
    "tokens": "Make, list and revoke tokens for devices and services.",
    "users": "List and disable users (contract E).",
    "receipts": "Show what was refused, and why.",
    "migrate": "Bring the database up to this version, or see whether it is.",
    "verify": "Compute all statistics anew and compare.",
    "backup": "Write everything to a file, while the backend runs.",
    "restore": "Fill an empty database from a backup.",
    "export": "Write the readings of a range as CSV or Parquet.",
}


class LazyCommands(click.Group):
    """A group whose commands live in a module each, of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name them in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        try:
            # Here, not above: `sampler --help` on a device must not need the backend's libraries.
            module = import_module(f"sampler.backend.commands.{cmd_name}")
        except ModuleNotFoundError as error:
            raise missing(error) from error
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the list without importing them all."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say that the command is optional: without one the backend serves."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] [COMMAND [ARGS]...]")


def missing(error: ModuleNotFoundError) -> Any:
    """Say how to get what the backend needs and a device has not."""
    return click.ClickException(f"{error.name} is missing: pip install '.[backend]' in sampler's folder")
