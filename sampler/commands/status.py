"""`sampler status`: how it stands, beside a running daemon or after its end."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import click

from sampler.commands.configured import Failure, config_or_exit, configured, spool_to_read
from sampler.commands.examples import examples
from sampler.commands.standing import Standing
from sampler.device.config import Config
from sampler.device.lock import running_pid

_EVERY_S = 1.0
_HOME, _REST_OF_LINE, _REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


@click.command(
    epilog=examples("sampler status", "sampler status --watch", "sampler status --json | jq .waiting")
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--watch", is_flag=True, help="Look every second, until Ctrl-C; in a pipe, a line a change.")
@configured
def status(load_config: Callable[[], Config], *, as_json: bool, watch: bool) -> None:
    """Show how the daemon stands: the open window, what is delivered, what waits and why.

    Works beside a running daemon and after its end, and disturbs neither it nor its spool.
    """
    config = config_or_exit(load_config)
    if not watch:
        click.echo(_as_json(_look(config), indent=2) if as_json else _look(config).text())
        return
    with suppress(KeyboardInterrupt):  # the way to end it
        _watch(lambda form: form(_look(config)), as_json=as_json, screen=sys.stdout.isatty())


def _look(config: Config) -> Standing:
    with spool_to_read(config) as spool:
        status, newest = spool.status(), spool.newest_waiting()
        return Standing(config.spool.path, running_pid(config.spool.path), status, newest, datetime.now(UTC))


def _watch(look: Callable[[Callable[[Standing], str]], str], *, as_json: bool, screen: bool) -> None:
    form = _as_json if as_json else Standing.text if screen else Standing.line
    shown = ""
    while True:
        try:
            text = look(form)
        except Failure as error:  # a daemon may be about to make its spool, or to heal it
            text = error.message
        if screen and not as_json:
            lines = "".join(f"{line}{_REST_OF_LINE}\n" for line in text.splitlines())
            click.echo(f"{_HOME}{lines}{_REST_OF_SCREEN}", nl=False)
        elif text != shown:
            click.echo(text)
        shown = text
        time.sleep(_EVERY_S)


def _as_json(standing: Standing, indent: int | None = None) -> str:
    return json.dumps(standing.as_json(), indent=indent, ensure_ascii=False)
