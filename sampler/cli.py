"""Every command, each one call into a wing. A command's module is imported only when it is asked for."""

import errno
import sys
from importlib import import_module
from typing import Any

import click

from sampler.commands.examples import examples
from sampler.device.kinds import nearest

COMMANDS = {
    "run": ("sampler.commands.run", "Sample and deliver until stopped."),
    "check": ("sampler.commands.check", "Tell whether everything is ready, and the cure if not."),
    "status": ("sampler.commands.status", "Show how the daemon stands, running or stopped."),
    "backlog": ("sampler.commands.backlog", "List, retry, export or drop what is not delivered."),
    "verify": ("sampler.commands.verify", "Account for every measurement ever made."),
    "replay": ("sampler.commands.replay", "Make measurements of a recorded ADC log."),
    "demo": ("sampler.commands.demo", "See all of it work, in one terminal."),
    "backend": ("sampler.backend.command", "Receive and store what devices send."),
}


_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class _Lazy(click.Group):
    def main(self, *args: Any, **options: Any) -> Any:
        try:
            return super().main(*args, **options)
        except OSError as error:
            # A file that has a name is not the output, and every command tells of its own files itself.
            if error.filename is not None or error.errno not in _UNWRITABLE:
                raise
            sys.stdout = None  # what is left in it cannot be written at the end either
            sys.exit(f"Error: the output cannot be written: {error.strerror}")

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        # From the table: click would import all of them for a line each.
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        close = None if args[0] in COMMANDS else nearest(args[0], COMMANDS)
        if close:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {close!r}?")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "sampler demo --speed 60",
        "sampler check",
        "sampler run --set backend.url=https://example.org",
        "sampler status --watch",
    ),
)
@click.version_option(package_name="sampler", prog_name="sampler")
def main() -> None:
    """Temperatures from an ADC to a backend that fails: nothing lost, doubled or falsified."""


if __name__ == "__main__":
    main()
