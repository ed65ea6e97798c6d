"""What the device's commands share: where their configuration comes from, how they reach the spool, how they fail."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from sampler.device.config import Config, ConfigError
from sampler.device.settings import load
from sampler.device.spool import Spool, SpoolUnavailable


def configured(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--config` and `--set`; it is called with `load_config`, which gives a checked Config."""

    @click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="TOML file; without it /etc/sampler/sampler.toml, if there is one.",
    )
    @click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="SECTION.KEY=VALUE",
        help="Set one key; can be repeated. SAMPLER_SECTION_KEY in the environment does the same.",
    )
    @functools.wraps(command)
    def wrapped(config_file: Path | None, overrides: tuple[str, ...], **options: Any) -> Any:
        return command(load_config=lambda: load(config_file, overrides), **options)

    return wrapped


class Failure(click.ClickException):
    """Shows one text and ends the command: with exit code 1 for a failure, 2 for wrong usage."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it on the class, and reads it from here


def config_or_exit(load_config: Callable[[], Config]) -> Config:
    """Load the configuration; show what is wrong with it and end with exit code 2 if it cannot be."""
    try:
        return load_config()
    except ConfigError as error:
        raise Failure(str(error), 2) from None


@contextmanager
def spool_to_read(config: Config) -> Iterator[Spool]:
    """Look at the spool as it is; end with exit code 1 if there is none, or none that can be read."""
    with _telling():
        yield Spool.view(config.spool.path)


@contextmanager
def spool_to_change(config: Config) -> Iterator[Spool]:
    """Open the spool beside a daemon that may be running; end with exit code 1 if it cannot be."""
    spool = Spool(config.spool.path, config.spool.max_measurements)
    with _telling():
        try:
            yield spool
        finally:
            spool.close()


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except SpoolUnavailable as error:
        foreign = isinstance(error.__cause__, PermissionError)
        cure = "; run this as the daemon's user, or with sudo" if foreign else ""
        raise Failure(f"{error}{cure}") from None
