"""What `sampler check` looks at. Nothing here leaves a trace, or takes anything from a daemon that runs beside it."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sampler.commands.words import moment
from sampler.device.clock import NS, PLAUSIBLE, STEP
from sampler.device.config import Config, warnings
from sampler.device.lock import running_pid
from sampler.device.sensor import BadReading, Ended, NoValue, Sensor, Source, open_source
from sampler.device.sources.iio import IioSource
from sampler.device.spool import Spool, SpoolMisplaced, SpoolUnavailable
from sampler.measurement import from_nanoseconds

READINGS = 10
"""How many are read at most until one is good: a file may begin with a heading."""
BYTES_EACH = 400
"""What a measurement takes in the spool, with its share of the index and of the log."""
REFERENCE_OFF = 0.01


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found, with the cure in the text if it is not good."""

    about: str
    mark: Literal["✓", "✗", "!"]
    text: str


def good(about: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(about, "✓", text)


def wrong(about: str, text: str) -> Finding:
    """Something that the daemon would stumble over."""
    return Finding(about, "✗", text)


def configuration(config: Config) -> Iterator[Finding]:
    """Name what is doubtful in it: it has been read, or we would not be here."""
    seconds = config.window.length_s
    yield good(
        "configuration", f"windows of {seconds:g} s, {round(seconds / config.sensor.period_s)} readings each"
    )
    for doubt in warnings(config):
        yield Finding("configuration", "!", doubt)


def source(config: Config) -> Iterator[Finding]:
    """Read one value."""
    sensor = config.sensor
    if _is_stream(sensor.path):
        yield _stream(sensor.path)
        return
    try:
        found = open_source(sensor.source, sensor.path, sensor.at_end, sensor.period_s)
    except ValueError as error:
        yield wrong("source", f"{error}; see to sensor.path")
        return
    with closing(found):
        yield _value(config, found)
        if isinstance(found, IioSource):
            yield from _reference(config, found)


def _is_stream(path: Path) -> bool:
    with suppress(OSError):
        return path.is_fifo() or path.is_char_device()
    return False


def _exists(path: Path) -> bool:
    with suppress(OSError):
        return path.exists()
    return False


def _stream(path: Path) -> Finding:
    if not os.access(path, os.R_OK):
        return wrong("source", f"{path} may not be read by user {os.geteuid()}; see to its owner and mode")
    return good("source", f"{path} can be opened; not read here, what is read would be lost to the daemon")


def _value(config: Config, found: Source) -> Finding:
    reader = Sensor(found, config.adc, config.sensor.period_s)
    trouble = ""
    for _ in range(READINGS):
        try:
            code = reader.read()
        except NoValue:
            return good(
                "source", f'{found}: no new value at this moment, as sensor.at_end = "follow" waits for one'
            )
        except BadReading as bad:
            trouble = str(bad)
        except Ended:
            trouble = f"{found} has not one good reading"
            break
        else:
            adc = config.adc
            return good(
                "source", f"{found}: {adc.celsius(code):.2f} °C (code {code}, {adc.volts(code):.3f} V)"
            )
    return wrong(
        "source", f"{trouble}; see to sensor.path: one whole number from 0 to {config.adc.full_scale} a line"
    )


def _reference(config: Config, found: IioSource) -> Iterator[Finding]:
    driver = found.reference_mv(config.adc.bits)
    if driver is None:
        return
    volts, ours = driver / 1000, config.adc.v_ref
    if abs(volts - ours) > REFERENCE_OFF * ours:
        cure = f"set adc.v_ref = {volts:.4g}, or adc.bits to the converter's"
        yield wrong(
            "reference", f"the driver's scale makes it {volts:.4g} V, adc.v_ref is {ours:g} V; {cure}"
        )
    else:
        yield good("reference", f"{volts:.4g} V, as the driver says")


def daemon(config: Config) -> Iterator[Finding]:
    """See who has the lock."""
    pid = running_pid(config.spool.path)
    yield good("daemon", "not running" if pid is None else f"running, pid {pid}")


def state_directory(config: Config) -> Iterator[Finding]:
    """Write a file that has no name, and so leaves none."""
    place = config.spool.path.absolute().parent
    there = next(parent for parent in (place, *place.parents) if _exists(parent))
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"sampler check")
            file.flush()
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        cure = "free some room" if full else f"give it to user {os.geteuid()}"
        cure = f"{cure}, or set spool.path to a file elsewhere"
        yield wrong("directory", f"{there} may not be written: {error.strerror}; {cure}")
        return
    found = os.statvfs(there)
    room, most = found.f_bavail * found.f_frsize // BYTES_EACH, config.spool.max_measurements
    if room < most:
        cure = f"free some, or set spool.max_measurements to less than its {most}"
        yield wrong("directory", f"{there} has room for {room} measurements; {cure}")
    else:
        yield good(
            "directory", f"{place} {'' if there == place else 'will be made: it '}can be written and has room"
        )


def spool(config: Config) -> Iterator[Finding]:
    """Open it and recount."""
    path = config.spool.path
    if not _exists(path):
        yield good("spool", f"{path} will be made")
        return
    try:
        account = Spool.view(path).verify()
    except (SpoolUnavailable, SpoolMisplaced) as error:
        yield wrong("spool", str(error))
        return
    if account.balanced:
        counts = f"{account.waiting} waiting, {account.set_aside} set aside"
        yield good("spool", f"{path}: balanced, {account.delivered} delivered, {counts}")
    else:
        yield wrong("spool", f"{path} does not balance; `sampler verify` names what is missing")


def clock(config: Config, now: datetime) -> Iterator[Finding]:
    """Compare it with the newest time that the spool has seen."""
    try:
        newest = Spool.view(config.spool.path).status().newest
    except SpoolUnavailable:
        newest = 0
    earliest = from_nanoseconds(max(newest, PLAUSIBLE))
    if now < earliest - timedelta(seconds=STEP / NS):
        why = "the newest measurement's end" if newest > PLAUSIBLE else "any time that it could be"
        wait = f"until then windows are held back, {config.clock.wait_s:g} s at most"
        yield wrong("clock", f"{moment(now)} lies before {why}, {moment(earliest)}; set it: {wait}")
    else:
        yield good("clock", moment(now))
