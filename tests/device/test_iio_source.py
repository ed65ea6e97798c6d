"""Linux IIO, on a fake sysfs tree: the machines that test have no converter."""

import os

import pytest

from sampler.device.sensor import BadReading, open_source
from sampler.device.sources.iio import IioSource

PERIOD_S = 0.1


@pytest.fixture
def device(tmp_path):
    """An MCP3208 with one channel in use, as its driver shows it: a reference of 3.3 V over 4096 codes."""
    tree = tmp_path / "iio:device0"
    tree.mkdir()
    (tree / "name").write_text("mcp3208\n")
    (tree / "in_voltage0_raw").write_text("518\n")
    (tree / "in_voltage_scale").write_text("0.805664062\n")
    return tree


@pytest.fixture
def source_on():
    opened = []

    def make(path, period_s=PERIOD_S):
        opened.append(IioSource(path, period_s))
        return opened[-1]

    yield make
    for source in opened:
        source.close()


def bad(source):
    with pytest.raises(BadReading) as caught:
        source.read()
    return caught.value.kind, str(caught.value)


def test_each_read_is_a_conversion(device, source_on):
    source = source_on(device / "in_voltage0_raw")
    codes = [source.read()]
    (device / "in_voltage0_raw").write_text("4095\n")

    assert [*codes, source.read()] == [518, 4095]


def test_a_device_with_one_channel_needs_no_channel_named(device, source_on):
    assert source_on(device).read() == 518


def test_with_several_channels_the_choices_are_named(device):
    (device / "in_voltage7_raw").write_text("1\n")
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole text is compared
        open_source("iio", device, "wrap", PERIOD_S)

    assert str(refused.value) == (
        f"{device} has several channels, name one of them: in_voltage0_raw, in_voltage7_raw"
    )


def test_a_directory_without_a_channel_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has no in_voltage"):
        open_source("iio", tmp_path, "wrap", PERIOD_S)


def test_an_offset_does_not_change_the_code(device, source_on):
    (device / "in_voltage_offset").write_text("-2048\n")

    assert source_on(device).read() == 518


def test_a_driver_that_loads_late_is_a_bad_reading_until_it_is_there(device, source_on):
    away = device.with_name("away")
    device.rename(away)
    source = source_on(device)

    assert bad(source) == ("failed", f"cannot read {device}: No such file or directory")
    away.rename(device)
    assert source.read() == 518


def test_a_place_that_may_not_be_looked_at_is_a_bad_reading(forbidden, source_on):
    assert bad(source_on(forbidden)) == ("failed", f"cannot read {forbidden}: Permission denied")


def test_no_descriptor_is_left_open(device, source_on):
    source = source_on(device)
    source.read()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted, not used as paths
    for _ in range(50):
        source.read()

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_directory_that_comes_late_with_several_channels_says_so_at_each_reading(tmp_path, source_on):
    source = source_on(tmp_path / "iio:device0")
    (tmp_path / "iio:device0").mkdir()
    (tmp_path / "iio:device0" / "in_voltage0_raw").write_text("1\n")
    (tmp_path / "iio:device0" / "in_voltage1_raw").write_text("2\n")

    kind, text = bad(source)
    assert (kind, text.count("in_voltage")) == ("failed", 2)


def test_a_read_that_fails_is_a_bad_reading_and_the_next_one_is_tried(device, source_on, monkeypatch):
    source = source_on(device)
    kernel = os.read

    def fail_once(descriptor, count):
        monkeypatch.setattr(os, "read", kernel)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", fail_once)

    assert bad(source) == ("failed", f"cannot read {device}: Input/output error")
    assert source.read() == 518


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "blank"), ("\n", "blank"), ("overrun\n", "unreadable"), ("1\n2\n", "unreadable")],
)
def test_what_is_no_code_is_a_bad_reading(device, source_on, text, kind):
    (device / "in_voltage0_raw").write_text(text)

    assert bad(source_on(device))[0] == kind


def test_a_read_that_hangs_is_a_bad_reading_and_the_source_is_well_when_it_is_over(device, source_on):
    raw = device / "in_voltage0_raw"
    raw.unlink()
    os.mkfifo(raw)  # which holds its reader until somebody writes
    source = source_on(raw)

    assert bad(source) == ("hung", f"{raw}: the driver has not answered within 0.08 s")
    assert bad(source)[0] == "hung"

    raw.rename(device / "hanging")
    raw.write_text("519\n")
    (device / "hanging").write_text("1\n")  # the hanging read comes back, late
    assert source.read() == 519


def test_the_reference_voltage_is_told_from_the_scale(device, source_on):
    # 0.805664062 mV a code * 4096 codes = 3300 mV
    assert source_on(device).reference_mv(12) == pytest.approx(3300.0, abs=0.01)
    assert source_on(device / "in_voltage0_raw").reference_mv(12) == pytest.approx(3300.0, abs=0.01)


def test_a_channels_own_scale_comes_before_the_devices(device, source_on):
    (device / "in_voltage0_scale").write_text("1.220703125\n")  # 5000 mV / 4096

    assert source_on(device).reference_mv(12) == 5000.0


@pytest.mark.parametrize("scale", [None, "", "fast"])
def test_without_a_usable_scale_there_is_no_reference_voltage(device, source_on, scale):
    if scale is None:
        (device / "in_voltage_scale").unlink()
    else:
        (device / "in_voltage_scale").write_text(scale)

    assert source_on(device).reference_mv(12) is None
