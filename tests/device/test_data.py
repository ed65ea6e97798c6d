"""The simulated ADC that comes with the project."""

import runpy
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"


def test_the_script_writes_the_committed_file_again_byte_for_byte():
    script = runpy.run_path(str(DATA / "make_temperature.py"))

    assert script["text"]().encode() == (DATA / "temperature.txt").read_bytes()


def test_the_file_is_a_day_of_codes_aligned_to_the_right():
    lines = (DATA / "temperature.txt").read_text().splitlines()

    assert len(lines) == 24 * 3600
    assert {len(line) for line in lines} == {4}
    assert any(line.startswith("  ") for line in lines)
    assert all(0 <= int(line) <= 4095 for line in lines)


def test_the_day_is_believable():
    codes = [int(line) for line in (DATA / "temperature.txt").read_text().splitlines()]
    at_five, at_three = sorted(codes[5 * 3600 :][:600])[300], sorted(codes[15 * 3600 :][:600])[300]

    # -50 + 100 * 1843 / 4095 = -4.99 °C, and 3071 is 24.99 °C. At most a code in a thousand is a spike.
    assert sum(not 1843 <= code <= 3071 for code in codes) <= 86
    # The night's low is around 0 °C, code 2048; the afternoon's high at least 15 °C, 615 codes, above it.
    assert 1925 <= at_five <= 2170
    assert at_three - at_five >= 615
