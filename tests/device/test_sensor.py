"""`getTemperature()`, and what the sampling flow reads."""

from pathlib import Path

import pytest

from sampler.device.adc import Adc
from sampler.device.sensor import BadReading, Sensor, open_source

DATA = Path(__file__).parents[2] / "data" / "temperature.txt"


class FakeTime:
    """A clock that only a pause moves."""

    def __init__(self):
        self.now = 1000.0
        self.pauses = []

    def clock(self):
        return self.now

    def pause(self, seconds):
        self.pauses.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
def fake():
    return FakeTime()


@pytest.fixture
def sensor_on(tmp_path, fake):
    opened = []

    def make(text, at_end="stop", adc=Adc()):  # noqa: B008 - a frozen value
        path = tmp_path / "adc.txt"
        path.write_text(text)
        source = open_source("file", path, at_end, 0.1)
        opened.append(Sensor(source, adc, 0.1, clock=fake.clock, pause=fake.pause))
        return opened[-1]

    yield make
    for sensor in opened:
        sensor.close()


def test_get_temperature_reads_one_value_in_degrees_celsius(sensor_on):
    sensor = sensor_on("   0\n2048\n3000\n4095\n")

    assert sensor.getTemperature() == -50.0
    assert sensor.getTemperature() == pytest.approx(0.0122, abs=1e-4)
    assert sensor.getTemperature() == pytest.approx(23.2601, abs=1e-4)
    assert sensor.getTemperature() == 50.0


def test_called_too_soon_it_waits_for_the_rest_of_the_100_ms(sensor_on, fake):
    sensor = sensor_on("1\n2\n3\n")
    sensor.getTemperature()
    fake.now += 0.03
    sensor.getTemperature()

    assert fake.pauses == [0, 0.07]


def test_called_late_it_does_not_wait_nor_owe_a_shorter_wait_afterwards(sensor_on, fake):
    sensor = sensor_on("1\n2\n3\n")
    sensor.getTemperature()
    fake.now += 0.25
    sensor.getTemperature()
    sensor.getTemperature()

    assert fake.pauses == [0, 0, 0.1]


def test_a_bad_reading_has_used_up_its_100_ms(sensor_on, fake):
    sensor = sensor_on("x\n2\n")
    with pytest.raises(BadReading):
        sensor.getTemperature()
    sensor.getTemperature()

    assert fake.pauses == [0, 0.1]


def test_read_gives_codes_at_the_callers_own_pace(sensor_on, fake):
    sensor = sensor_on("1\n2\n")

    assert [sensor.read(), sensor.read()] == [1, 2]
    assert fake.pauses == []


@pytest.mark.parametrize("code", ["-1", "4096", "99999"])
def test_a_code_off_the_scale_is_a_bad_reading_and_the_next_one_is_read(sensor_on, tmp_path, code):
    sensor = sensor_on(f"{code}\n7\n")
    with pytest.raises(BadReading) as bad:
        sensor.read()

    assert bad.value.kind == "out_of_range"
    assert str(bad.value) == f"{tmp_path}/adc.txt: {code} is outside 0 to 4095"
    assert sensor.read() == 7


def test_an_absurdly_long_number_is_shown_short(sensor_on, tmp_path):
    with pytest.raises(BadReading) as bad:
        sensor_on("9" * 100).read()

    assert str(bad.value) == f"{tmp_path}/adc.txt: {'9' * 24}… is outside 0 to 4095"


def test_the_scale_is_the_converters(sensor_on):
    ten_bits = sensor_on("1023\n1024\n", adc=Adc(bits=10))

    assert ten_bits.read() == 1023
    with pytest.raises(BadReading, match="outside 0 to 1023"):
        ten_bits.read()


def test_the_file_that_comes_along_can_be_read():
    sensor = Sensor(open_source("file", DATA, "wrap", 0.1), Adc())
    first = sensor.getTemperature()
    sensor.close()

    assert -5 <= first <= 25


def test_a_source_that_does_not_exist_is_refused_with_the_names_of_those_that_do():
    with pytest.raises(ValueError, match="there is no source 'i2c', only file, iio"):
        open_source("i2c", Path("adc.txt"), "wrap", 0.1)
