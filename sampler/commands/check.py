"""`sampler check`: whether everything is ready, and what to do if not."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import click

from sampler.commands import checks
from sampler.commands.backend_check import backend
from sampler.commands.checks import Finding
from sampler.commands.configured import configured
from sampler.commands.examples import examples
from sampler.device.config import Config, ConfigError


@click.command(epilog=examples("sampler check", "sampler check --config my.toml --set backend.timeout_s=3"))
@configured
def check(load_config: Callable[[], Config]) -> None:
    """Look at the configuration, the source, the state directory, the clock and the backend.

    Each is ✓, or ✗ with the cure (! for what is doubtful); ends with 1 if there is a ✗. Nothing is changed, and the
    backend is sent nothing that it stores. Works beside a running daemon and without one.
    """
    ready = True
    for finding in _findings(load_config):
        click.echo(f"{finding.mark} {finding.about:<13}  {finding.text}")
        ready = ready and finding.mark != "✗"
    if not ready:
        sys.exit(1)


def _findings(load_config: Callable[[], Config]) -> Iterator[Finding]:
    try:
        config = load_config()
    except ConfigError as error:
        for problem in error.problems:
            yield checks.wrong("configuration", str(problem))
        return
    yield from checks.configuration(config)
    yield from checks.source(config)
    yield from checks.daemon(config)
    yield from checks.state_directory(config)
    yield from checks.spool(config)
    yield from checks.clock(config, datetime.now(UTC))
    yield backend(config)
