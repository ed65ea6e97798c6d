"""Sums that neither the order nor the number of readings makes drift."""

import random
import sys
from fractions import Fraction
from functools import reduce
from math import inf, nan
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.statistics import EMPTY, Statistics, of, total_bytes, total_from

SMALLEST = 2.0**-1074
LARGEST = sys.float_info.max

floats = st.floats(allow_nan=False, allow_infinity=False)
# Such as sensors send, and such as are hard to add: of every size, subnormal, of either sign.
readings = st.lists(
    floats | st.floats(-50, 50) | st.sampled_from([0.1, -0.0, SMALLEST, LARGEST, -LARGEST, 1e16])
)


def fraction(total: int) -> Fraction:
    return Fraction(total, 2**1074)


def test_the_published_sample_has_three_readings_that_average_to_1_7666() -> None:
    found = of([2.1, 1.0, 2.2])
    assert (found.count, found.min, found.max) == (3, 1.0, 2.2)
    assert found.average == pytest.approx(5.3 / 3, abs=1e-15)


@given(readings)
def test_the_sum_is_the_one_of_fractions(values: list[float]) -> None:
    assert fraction(of(values).total) == sum(map(Fraction, values))


@given(readings.filter(bool))
def test_the_average_is_the_double_nearest_to_the_true_mean(values: list[float]) -> None:
    assert of(values).average == float(sum(map(Fraction, values)) / len(values))


@given(readings, st.randoms(use_true_random=False), st.integers(0, 20))
def test_every_order_and_every_grouping_gives_the_same(
    values: list[float], chance: random.Random, cut: int
) -> None:
    shuffled = chance.sample(values, len(values))
    one_by_one = reduce(add, (of([value]) for value in shuffled), EMPTY)
    assert of(values) == of(shuffled) == of(shuffled[:cut]) + of(shuffled[cut:]) == one_by_one
    assert total_bytes(of(values).total) == total_bytes(one_by_one.total)


def test_a_reading_of_one_is_not_lost_beside_a_huge_one_that_goes_again() -> None:
    assert of([1e16, 1.0, -1e16]).sum == 1.0
    assert (of([1e300]) + of([1.0]) + of([-1e300])).sum == 1.0


def test_a_hundred_million_readings_of_0_1_average_to_exactly_0_1() -> None:
    # The sum is exact, so the mean is the very double that was sent. Added up as doubles they are 9999999.981.
    stream = reduce(add, (of([0.1] * 10_000) for _ in range(100)), EMPTY)
    assert stream.count == 10**6
    found = reduce(add, [stream] * 100)
    assert (found.count, found.average, found.min, found.max) == (10**8, 0.1, 0.1, 0.1)
    assert fraction(found.total) == Fraction(0.1) * 10**8
    assert found.sum == 1e7  # the exact sum is 10000000.0000000005551…, and doubles there are 2e-9 apart


def test_no_readings_have_no_sum_and_change_nothing() -> None:
    assert of([]) == EMPTY
    assert (EMPTY.count, EMPTY.sum, EMPTY.average) == (0, 0.0, 0.0)
    assert EMPTY + of([1.5]) == of([1.5]) == of([1.5]) + EMPTY


def test_a_sum_beyond_every_double_is_clamped_and_its_average_is_right() -> None:
    much = of([LARGEST, LARGEST, LARGEST])
    assert (much.sum, much.average) == (LARGEST, LARGEST)
    assert of([-LARGEST, -LARGEST]).sum == -LARGEST
    assert of([LARGEST, LARGEST, -LARGEST]).sum == LARGEST  # only on the way it is too much
    assert (of([LARGEST] * 1000) + of([-LARGEST] * 1000)).sum == 0.0


def test_the_smallest_doubles_count_too() -> None:
    assert of([SMALLEST]).total == 1
    assert of([SMALLEST, 1.0, -1.0]).sum == SMALLEST
    assert of([SMALLEST, 0.0]).average == 0.0  # half of the smallest is rounded to even
    assert of([SMALLEST, SMALLEST, SMALLEST, 0.0]).average == SMALLEST


def test_zeros_have_no_sign_whatever_the_order() -> None:
    for found in (of([0.0, -0.0]), of([-0.0, 0.0]), of([-0.0]) + of([0.0]), of([-0.0])):
        assert [str(number) for number in (found.min, found.max, found.sum, found.average)] == ["0.0"] * 4


def test_whole_numbers_are_fine_as_values() -> None:
    assert of([3, 4]) == of([3.0, 4.0])
    assert isinstance(of([3]).min, float)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_not_finite_is_refused_rather_than_added(value: float) -> None:
    for values in ([value], [1.0, value], [value, -value, 1.0]):
        with pytest.raises((ValueError, OverflowError)):
            of(values)


@given(st.integers() | st.integers(0, 2100).flatmap(lambda bits: st.integers(-(1 << bits), 1 << bits)))
def test_a_total_comes_back_from_its_bytes(total: int) -> None:
    assert total_from(total_bytes(total)) == total


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (0.0, b""),
        (1.0, b"\x32\x04\x01"),  # 2**1074 units: 1074 is 0x0432
        (-1.0, b"\x32\x04\xff"),
        (SMALLEST, b"\x00\x00\x01"),
        (255.0, b"\x32\x04\xff\x00"),  # a byte for the sign
        (384.0, b"\x39\x04\x03"),  # 3 * 2**7
    ],
)
def test_a_total_takes_few_bytes(value: float, data: bytes) -> None:
    assert total_bytes(of([value]).total) == data


def test_a_hundred_million_readings_of_0_1_have_a_total_of_13_bytes_at_most() -> None:
    assert len(total_bytes(of([0.1]).total * 10**8)) <= 2 + 11  # 53 bits of 0.1, 27 of the number, the sign


def test_statistics_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        of([1.0]).count = 2  # type: ignore[misc]
    assert isinstance(of([1.0]), Statistics)
