"""`sampler demo`: a backend that fails and a daemon that loses nothing, in one terminal."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import click

import sampler
from sampler.backend.command import RATE, FiniteRange
from sampler.commands.configured import Failure, spool_to_read
from sampler.commands.examples import examples
from sampler.commands.failing_backend import FailingBackend
from sampler.commands.words import plural
from sampler.device import daemon, logs
from sampler.device.assembly import Parts
from sampler.device.config import BackendConfig, Config, SensorConfig, SpoolConfig
from sampler.device.duration import duration
from sampler.device.lock import SpoolLocked
from sampler.device.machine import Machine
from sampler.device.spool import SpoolUnavailable
from sampler.device.terminal import live

FASTEST = 1000.0


@click.command(
    epilog=examples("sampler demo", "sampler demo --speed 60", "sampler demo --speed 60 --keep demo")
)
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=FiniteRange(1.0, FASTEST),
    help="How many times as fast as life.",
)
@click.option(
    "--port",
    default=5000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Of the backend; a free one if taken.",
)
@click.option(
    "--fail-rate",
    default=0.4,
    show_default=True,
    type=RATE,
    help="How many requests fail.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep what it makes there.",
)
@click.option(
    "--windows", type=click.IntRange(1), metavar="N", help="End when N measurements have been delivered."
)
def demo(*, speed: float, port: int, fail_rate: float, keep: Path | None, windows: int | None) -> None:
    """Watch codes of an ADC become °C, and measurements arrive in a backend that fails. Ctrl-C ends it.

    Needs the backend: pip install '.[backend]' in sampler's folder. Touches neither your configuration nor your spool.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)  # until the daemon takes them, so that nothing is left behind
    with _folder(keep) as folder, FailingBackend(folder, port, fail_rate) as backend:
        config = Config(
            sensor=SensorConfig(name="demo", path=_recording()),
            backend=BackendConfig(url=backend.url),
            spool=SpoolConfig(path=folder / "spool.db"),
        )
        _introduce(config, backend, speed, fail_rate)
        code = _run(config, speed, windows)
        agree = _account(config, backend)
        click.echo(
            f"{folder} has spool.db, backend.db and output.txt"
            if keep
            else "--keep DIR would have kept the files"
        )
    sys.exit(code or not agree)


def _run(config: Config, speed: float, windows: int | None) -> int:
    logs.configure("info", "human", sys.stdout)
    news = logging.getLogger("sampler.delivery")
    news.setLevel(logging.DEBUG)
    news.addFilter(_as_news)
    logs.line_handler().handleError = _unread  # type: ignore[method-assign]  # the only way in
    try:
        with live(sys.stdout) as draw:
            return daemon.run(
                config, lambda: _hung_up(config), machine=Machine(speed), watch=_watch(draw, windows)
            )
    except (SpoolLocked, SpoolUnavailable) as error:
        raise Failure(str(error)) from None


def _watch(draw: Callable[[Parts], None] | None, windows: int | None) -> Callable[[Parts], None]:
    def watch(parts: Parts) -> None:
        if draw:
            draw(parts)
        with suppress(SpoolUnavailable):
            if windows and parts.spool.status().delivered >= windows:
                os.kill(os.getpid(), signal.SIGTERM)

    return watch


def _as_news(record: logging.LogRecord) -> bool:
    # A daemon that runs for years tells of each try only if it is asked to; here they are what is to be seen.
    if record.levelno == logging.DEBUG:
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def _unread(record: logging.LogRecord) -> None:  # noqa: ARG001 - logging's signature
    """End when nobody reads any more: `sampler demo | head`."""
    os.kill(os.getpid(), signal.SIGTERM)


def _hung_up(config: Config) -> Config:
    """End as at Ctrl-C when the terminal is closed, at which a daemon would read its configuration again."""
    os.kill(os.getpid(), signal.SIGTERM)
    return config


def _introduce(config: Config, backend: FailingBackend, speed: float, fail_rate: float) -> None:
    if backend.taken:
        click.echo(f"port {backend.taken} is taken, so this one takes another")
    click.echo(f"the backend listens on {backend.url} and fails {fail_rate:.0%} of all requests")
    each = duration(config.window.length_s / speed)
    hint = "; in a hurry: sampler demo --speed 60" if speed == 1.0 else ""
    click.echo(f"a measurement each {each}, from {config.sensor.path}{hint}; Ctrl-C ends it")


def _account(config: Config, backend: FailingBackend) -> bool:
    """Show both sides of the account; tell whether they agree."""
    with spool_to_read(config) as spool:
        account, ours = spool.verify(), f"{spool.status().spool_id}-"
        unsure = {entry.key for entry in spool.entries()}
    click.echo(
        f"produced {account.produced} = {account.delivered} delivered + {account.waiting} waiting"
        f" + {account.set_aside} set aside + {account.dropped} dropped"
    )
    try:
        stored = [key for key in backend.stored_keys() if key.startswith(ours)]
    except OSError as error:
        click.echo(f"the backend cannot be asked what it stored: {error}", err=True)
        return False
    sure = set(stored) - unsure
    waiting = (
        f", of which {len(unsure & set(stored))} wait for an answer still" if unsure & set(stored) else ""
    )
    agree = account.balanced and len(sure) == account.delivered and len(stored) == len(set(stored))
    verdict = "the two agree" if agree else "THE TWO DO NOT AGREE"
    click.echo(f"the backend stored {plural(len(stored), 'measurement')}, each once{waiting}: {verdict}")
    return agree


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with TemporaryDirectory(prefix="sampler-demo-") as folder:
            yield Path(folder)
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"{keep}: {error.strerror}") from None
    yield keep


def _recording() -> Path:
    """Find the recorded codes: in an installed package, or beside it in a checkout."""
    package = Path(sampler.__file__).parent
    for path in (package / "data/temperature.txt", package.parent / "data/temperature.txt"):
        if path.exists():
            return path
    raise Failure(f"{package / 'data/temperature.txt'} is missing: install sampler again")


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)
