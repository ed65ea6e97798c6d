"""The formula: T = -50 + 100 * code / 4095."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.device.adc import Adc


def test_the_ends_of_the_scale_are_the_ends_of_the_range():
    assert Adc().celsius(0) == -50
    assert Adc().celsius(4095) == 50


def test_the_published_examples_hold():
    # -50 + 204800 / 4095 = 0.0122; -50 + 300000 / 4095 = 23.2601
    assert Adc().celsius(2048) == pytest.approx(0.0122, abs=1e-4)
    assert Adc().celsius(3000) == pytest.approx(23.2601, abs=1e-4)


def test_full_scale_is_the_reference_voltage():
    assert Adc().volts(0) == 0
    assert Adc().volts(4095) == 3.3
    assert Adc().volts(2048) == pytest.approx(1.6504, abs=1e-4)  # 3.3 * 2048 / 4095


def test_another_converter_has_its_own_scale():
    ten_bits = Adc(bits=10, v_ref=5.0, min_c=0.0, max_c=102.3)

    assert ten_bits.full_scale == 1023
    assert ten_bits.celsius(256) == pytest.approx(25.6)
    assert ten_bits.volts(1023) == 5.0


def test_the_mean_of_a_sum_is_the_temperature_of_the_mean_code():
    # 2048 and 3000: the mean code 2524 is -50 + 252400 / 4095 = 11.636...
    assert Adc().mean_celsius(2048 + 3000, 2) == 11.64


def test_the_mean_is_exact_where_floats_would_tip_it():
    converter = Adc(bits=3, min_c=0.0, max_c=0.07)  # 0.01 °C a code: half a code is a tie, which goes to even

    assert converter.mean_celsius(1, 2) == 0.0  # 0.005
    assert converter.mean_celsius(3, 2) == 0.02  # 0.015
    assert converter.mean_celsius(5, 2) == 0.02  # 0.025


@given(codes=st.lists(st.integers(0, 4095), min_size=1, max_size=1200))
def test_the_mean_is_the_mean_of_the_temperatures_rounded_once(codes):
    temperatures = [Fraction(-50) + Fraction(100 * code, 4095) for code in codes]

    assert Adc().mean_celsius(sum(codes), len(codes)) == float(round(sum(temperatures) / len(codes), 2))
