"""Where a daemon goes on: what an earlier one has left in the spool, and what becomes of it."""

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from sampler.device.adc import Adc
from sampler.device.assembly import build
from sampler.device.clock import NS, Clock
from sampler.device.config import Config, SensorConfig, SpoolConfig
from sampler.device.machine import Machine
from sampler.device.spool import Entry, Spool
from sampler.device.window import Window

LENGTH = 120 * NS


@pytest.fixture
def config(tmp_path: Path) -> Config:
    codes = tmp_path / "codes.txt"
    codes.write_text("2048\n")
    return Config(sensor=SensorConfig(path=codes), spool=SpoolConfig(path=tmp_path / "spool.db"))


def test_windows_held_back_get_their_times_from_a_daemon_that_starts_under_a_clock_that_has_been_set(
    config: Config,
):
    # The last time given is that of 140 s ago; the clock was behind it when two windows began, 250 and 130 s ago.
    clock = Clock(Event())
    now, offset = clock.monotonic(), clock.offset()
    newest = now + offset - 260 * NS
    boot, spool = clock.boot_id, Spool(config.spool.path, 100)
    starts = (now - 250 * NS, now - 130 * NS)
    spool.turn(_window("an earlier boot", 0, newest - LENGTH, "set"), None)
    held, left = (_window(boot, at, newest - starts[0], "unset") for at in starts)
    spool.turn(held, left, hold=True)
    spool.close()

    parts = build(config, Machine())
    assert parts.sampling.window.clock == "set"
    parts.sampling.close()
    parts.handoff.close()
    parts.keeping.run()
    parts.delivery.close()
    entries = list(parts.spool.entries())
    parts.spool.close()
    assert [entry.state for entry in entries] == ["waiting"] * 3
    assert [entry.quality.clock for entry in entries] == ["set"] * 3
    for entry, opened in zip(entries[1:], starts, strict=True):
        assert _start(entry) == pytest.approx((opened + offset) / NS, abs=0.2)


def test_a_window_cut_short_by_another_calibration_does_not_overlap_the_next_though_the_clock_went_back(
    config: Config,
):
    # It was opened 70 s ago, by a wall clock that was 10 s ahead of the present one, with the default calibration.
    clock = Clock(Event())
    opened, ahead = clock.monotonic() - 70 * NS, clock.offset() + 10 * NS
    spool = Spool(config.spool.path, 100)
    spool.journal(_window(clock.boot_id, opened, ahead, "set"))
    spool.close()

    parts = build(replace(config, adc=Adc(max_c=60.0)), Machine())
    assert parts.sampling.window.clock == "stepped"
    assert parts.sampling.window.start == pytest.approx(parts.sampling.window.opened + ahead, abs=1)
    parts.sampling.close()
    parts.handoff.close()
    parts.keeping.run()
    parts.delivery.close()
    (entry,) = parts.spool.entries()
    parts.spool.close()
    assert _end(entry) <= parts.sampling.window.start / NS


def _window(boot: str, opened: int, offset: int, clock: str) -> Window:
    one = Window(Adc(), boot, opened, opened + LENGTH, NS // 10, offset, opened + offset, clock)  # type: ignore[arg-type]
    one.take(2048)
    return one


def _end(entry: Entry) -> float:
    return entry.measurement.end.timestamp()


def _start(entry: Entry) -> float:
    return entry.measurement.start.timestamp()
