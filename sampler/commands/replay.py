"""`sampler replay`: a recorded ADC log becomes measurements."""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import IO

import click

from sampler.commands.configured import Failure, config_or_exit, configured, spool_to_change
from sampler.commands.examples import examples
from sampler.commands.recording import Recording, Replay
from sampler.commands.words import counts, moment, plural
from sampler.device.assembly import plan_of
from sampler.device.config import Config
from sampler.device.sensor import Sensor
from sampler.device.window import Window
from sampler.measurement import from_nanoseconds

_FIRST_YEAR = 1970


def _time(_context: click.Context, _parameter: click.Parameter, text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
        start = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{text!r} is no time: write one such as 2021-04-12T20:20:20Z") from None
    if start.year < _FIRST_YEAR:
        raise click.BadParameter(f"{text!r} is before {_FIRST_YEAR}, which no backend has to take")
    return start


@click.command(
    epilog=examples(
        "sampler replay adc.log --start 2021-04-12T20:20:20Z --dry-run",
        "sampler replay adc.log --start 2021-04-12T22:20:20+02:00 --send",
        "zcat adc.log.gz | sampler replay - --start 2021-04-12 --dry-run",
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--start",
    required=True,
    callback=_time,
    metavar="TIME",
    help="When the first line was read: ISO 8601, UTC if no zone.",
)
@click.option("--dry-run", is_flag=True, help="Print the measurements, as JSON lines.")
@click.option("--send", is_flag=True, help="Put them into the spool; the daemon delivers them.")
@configured
def replay(
    load_config: Callable[[], Config], file: str, start: datetime, *, dry_run: bool, send: bool
) -> None:
    """Make measurements of a recorded ADC log, as the daemon would have made them.

    FILE has one code a line, one for each sensor.period_s; - is the standard input. The last window closes as it
    stood. Nothing is kept of a log that would end in the future, or has not one good reading.
    """
    if dry_run == send:
        wrong = "not both" if send else "say what to do with the measurements"
        raise click.UsageError(f"{wrong}: --dry-run prints them, --send has the daemon deliver them")
    config = config_or_exit(load_config)
    with _opened(file) as recording:
        windows = _windows(config, recording, "the standard input" if file == "-" else file, start)
    if send:
        _spool(config, windows)
        return
    for window in windows:
        if measurement := window.close():
            click.echo(json.dumps(measurement.as_json()))


def _windows(config: Config, file: IO[bytes], name: str, start: datetime) -> list[Window]:
    size = _size(file)
    hidden = not size or not sys.stderr.isatty()
    with click.progressbar(length=size, label=f"reading {name}", file=sys.stderr, hidden=hidden) as bar:
        sensor = Sensor(Recording(file, name, bar.update), config.adc, config.sensor.period_s)
        replayed = Replay(sensor, plan_of(config), start)
        windows = list(replayed.windows())
    _refuse(windows, name)
    click.echo(_account(replayed, windows), err=True)
    return windows


def _refuse(windows: list[Window], name: str) -> None:
    if not any(window.taken for window in windows):
        raise Failure(f"{name} has not one good reading")
    end = from_nanoseconds(windows[-1].end)
    if end > datetime.now(UTC):
        raise Failure(f"{name} would end at {moment(end)}, in the future: give an earlier --start")


def _account(replayed: Replay, windows: list[Window]) -> str:
    made = sum(window.taken > 0 for window in windows)
    bad = f", {replayed.bad.total()} of them bad ({counts(replayed.bad)})" if replayed.bad else ""
    empty = f"; {plural(len(windows) - made, 'window')} without a good reading" if made < len(windows) else ""
    return f"{plural(replayed.readings, 'reading')}{bad}: {plural(made, 'measurement')}{empty}"


def _spool(config: Config, windows: list[Window]) -> None:
    with spool_to_change(config) as spool:
        numbers = spool.add(windows)
    click.echo(f"{numbers[0]} to {numbers[-1]} wait for the daemon to deliver them", err=True)


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    try:
        with click.open_file(file, "rb") as recording:
            yield recording
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}; nothing was kept of it") from None


def _size(file: IO[bytes]) -> int:
    with suppress(OSError):  # no file behind it
        found = os.fstat(file.fileno())
        return found.st_size if stat.S_ISREG(found.st_mode) else 0
    return 0
