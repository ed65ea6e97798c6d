"""`sampler run`: the daemon."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from sampler.commands.configured import Failure, config_or_exit, configured
from sampler.commands.examples import examples
from sampler.device import daemon, logs
from sampler.device.config import Config
from sampler.device.lock import SpoolLocked
from sampler.device.spool import SpoolMisplaced
from sampler.device.terminal import live


@click.command(
    epilog=examples(
        "sampler run", "sampler run --config my.toml", "sampler run --set backend.url=https://example.org"
    )
)
@configured
def run(load_config: Callable[[], Config]) -> None:
    """Sample and deliver until stopped: SIGTERM or Ctrl-C ends it, SIGHUP reads the configuration again."""
    config = config_or_exit(load_config)
    # Started without one, Python has None: then nobody is told, which is no reason not to sample.
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end of the process
    logs.configure(config.log.level, config.log.format, sys.stderr)
    try:
        with live(sys.stderr) as watch:
            code = daemon.run(config, load_config, watch=watch)
    except (SpoolLocked, SpoolMisplaced, ValueError) as error:
        raise Failure(str(error)) from None
    try:
        sys.stderr.flush()
    except OSError:  # whoever read it has left, and Python would call that a failure at the very end
        sys.stderr = None
    sys.exit(code)
