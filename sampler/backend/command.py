"""The command `sampler backend`."""

import math
import re
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sampler.backend import calendars
from sampler.backend.commands.durations import duration
from sampler.backend.commands.lazy import LazyCommands, missing
from sampler.backend.commands.options import database_option
from sampler.backend.settings import CannotStart, Settings


class FiniteRange(click.FloatRange):
    """Numbers; unlike click's own range without nan, which lies in every range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Give the number, or refuse it."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"nan is not in the range {self.min}<=x<={self.max}.", param, ctx)
        return number


_ORIGIN = re.compile(r"https?://[A-Za-z0-9._\[\]:-]+")
RATE = FiniteRange(0.0, 1.0)
"""A probability."""


def _origins(_: click.Context, __: click.Parameter, origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise click.BadParameter(
                f"{origin!r} is no origin: write it as https://example.org or http://[::1]:8000"
            )
    return origins


def _zone(_: click.Context, __: click.Parameter, name: str) -> str:
    try:
        return calendars.zone(name).key
    except ValueError as error:
        raise click.BadParameter(f"{name!r} {error}.") from error


def _keep(_: click.Context, __: click.Parameter, wishes: tuple[str, ...]) -> dict[str, int]:
    keep: dict[str, int] = {}
    for wish in wishes:
        name, _sign, lasts = wish.rpartition("=")
        if name in keep:
            raise click.BadParameter(f"{name or 'the time for all others'} is there twice")
        keep[name] = duration(lasts)
    return keep


@click.group(
    cls=LazyCommands,
    invoke_without_command=True,
    epilog="""\b
Examples:
  sampler backend
  sampler backend --port 0 --database sqlite:///try.db --output-file output.txt
  sampler backend --fail-rate 0.4 --fail-after 0.1 --seed 7
  sampler backend --zone Europe/Oslo --keep 400d --keep "cold store=10d"
  sampler backend --host 0.0.0.0 --database postgresql://sampler@db/sampler
""",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Beyond loopback devices and services need a token, unless --open is given.",
)
@click.option(
    "--port",
    default=5000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one and names it.",
)
@click.option(
    "--open/--closed",
    default=None,
    help="Whether devices and services need no token (the network is trusted), or need one.  "
    "[default: open on loopback, closed beyond]",
)
@click.option(
    "--cors",
    multiple=True,
    callback=_origins,
    metavar="ORIGIN",
    help="Let pages of this origin, such as https://example.org, ask too; repeatable.",
)
@click.option(
    "--receipts",
    default=10_000,
    show_default=True,
    type=click.IntRange(0, 10_000_000),
    help="How many refusals are kept to be looked at, the newest.",
)
@click.option(
    "--receipts-kept",
    "receipts_kept_s",
    default="30d",
    show_default=True,
    type=duration,
    help="How long they are kept.",
)
@click.option(
    "--keys-kept",
    "keys_kept_s",
    default="7d",
    show_default=True,
    type=duration,
    help="How long a repetition under the same Idempotency-Key gets the first answer again.",
)
@click.option(
    "--max-body",
    "max_body_bytes",
    default=10 * 1024 * 1024,
    show_default="10 MiB",
    type=click.IntRange(1024, 1024 * 1024 * 1024),
    metavar="BYTES",
    help="Refuse larger bodies (contract E's batches may have 64 MiB).",
)
@click.option(
    "--zone",
    default="UTC",
    show_default=True,
    callback=_zone,
    metavar="NAME",
    help="Time zone of posted times that name no offset, such as Europe/Oslo.",
)
@click.option(
    "--keep",
    multiple=True,
    callback=_keep,
    metavar="[SENSOR=]TIME",
    help="Let readings expire after 400d, or those of a sensor after SENSOR=30d; repeatable. Their hourly "
    "statistics stay.  [default: for ever]",
)
@database_option
@click.option(
    "--key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The key that signs logins, made if missing; instances that share a database need the same.  "
    "[default: backend.key in the state directory]",
)
@click.option(
    "--output-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also append each new measurement as a line to this file.  [default: none]",
)
@click.option(
    "--fail-rate",
    default=0.0,
    show_default=True,
    type=RATE,
    help="Probability of answering 500 and storing nothing.",
)
@click.option(
    "--fail-after",
    default=0.0,
    show_default=True,
    type=RATE,
    help="Probability of storing and then answering 500.",
)
@click.option("--seed", type=int, help="Make the failures repeatable.")
@click.pass_context
def backend(context: click.Context, /, **options: Any) -> None:
    """Receive measurements and sensor data, store them durably, once, and answer then.

    Speaks five published interfaces; /docs shows them, /openapi.json describes them. GET /healthz tells
    whether it can store. Without a command it serves, until a signal ends it.
    """
    if context.invoked_subcommand:
        _refuse_options_of_its_own(context)
        return
    try:
        # Here, not above: `sampler --help` on a device must not need the backend's libraries.
        from sampler.backend.run import run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise missing(error) from error
    try:
        run(Settings(**options), announce=click.echo)
    except CannotStart as error:
        raise click.ClickException(str(error)) from error


def _refuse_options_of_its_own(context: click.Context) -> None:
    """Refuse `sampler backend --database X verify`, which would look at another database than X."""
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(
                f"{option} must be written behind {context.invoked_subcommand}, if it has it"
            )
