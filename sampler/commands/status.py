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
from sampler.commands.words import moment
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
    if as_json:
        show = _Changes(_as_json, timed=False).show
    else:
        show = _on_screen if sys.stdout.isatty() else _Changes(Standing.line, timed=True).show
    with suppress(KeyboardInterrupt):  # the way to end it
        _watch(lambda: _look(config), show)


def _look(config: Config) -> Standing:
    with spool_to_read(config) as spool:
        status, newest = spool.status(), spool.newest_waiting()
        return Standing(config.spool.path, running_pid(config.spool.path), status, newest, datetime.now(UTC))


def _watch(look: Callable[[], Standing], show: Callable[[Standing], None]) -> None:
    trouble = ""
    while True:
        try:
            show(look())
            trouble = ""
        except Failure as error:  # a daemon may be about to make its spool, or to heal it
            if error.message != trouble:
                click.echo(error.message, err=True)
            trouble = error.message
        time.sleep(_EVERY_S)


def _on_screen(standing: Standing) -> None:
    # Written over what is there, line by line: clearing the screen first would flicker.
    lines = "".join(f"{line}{_REST_OF_LINE}\n" for line in standing.text().splitlines())
    click.echo(f"{_HOME}{lines}{_REST_OF_SCREEN}", nl=False)


class _Changes:
    """Writes a line if it is another than the one before."""

    def __init__(self, form: Callable[[Standing], str], *, timed: bool) -> None:
        self._form = form
        self._timed = timed
        self._shown = ""

    def show(self, standing: Standing) -> None:
        line = self._form(standing)
        if line != self._shown:
            click.echo(f"{moment(standing.now)} {line}" if self._timed else line)
        self._shown = line


def _as_json(standing: Standing, indent: int | None = None) -> str:
    return json.dumps(standing.as_json(), indent=indent, ensure_ascii=False)
