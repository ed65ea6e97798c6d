"""Every command, each one call into a wing. A command's module is imported only when it is asked for."""

from importlib import import_module

import click

COMMANDS = {
    "run": "sampler.commands.run",
    "check": "sampler.commands.check",
    "status": "sampler.commands.status",
    "backlog": "sampler.commands.backlog",
    "verify": "sampler.commands.verify",
    "replay": "sampler.commands.replay",
    "demo": "sampler.commands.demo",
    "backend": "sampler.backend.command",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sampler")
def main() -> None:
    """Temperatures from an ADC to a backend that fails: nothing lost, doubled or falsified.

    \b
    sampler demo                          see it work, in one terminal
    sampler check                         is everything ready on this device?
    sampler run                           sample and deliver, until stopped
    sampler status                        how it stands, beside a running daemon or after its end
    """  # noqa: D301 - click's own mark for lines that are not to be wrapped


if __name__ == "__main__":
    main()
