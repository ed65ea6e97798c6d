"""Readings as few bytes, and back without loss."""

import struct
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.packing import Damaged, pack, unpack

START = 16182588200000000  # 2021-04-12T20:20:20Z in ticks
SECOND = 10_000_000

# Any times and doubles at all, few and many; and regular ones, such as sensors send.
wild = st.lists(st.tuples(st.integers(-(2**62), 2**62), st.floats()), max_size=60)
regular = st.lists(st.floats(-50, 50).map(lambda value: round(value, 1)), max_size=300).map(
    lambda values: [(START + number * SECOND, value) for number, value in enumerate(values)]
)


def bits(values: Sequence[float]) -> bytes:
    """As bits, because NaN is not equal to itself and -0.0 is equal to 0.0."""
    return struct.pack(f"{len(values)}d", *values)


@given(wild | regular)
def test_what_is_packed_comes_back_bit_for_bit_in_its_order(readings: list[tuple[int, float]]) -> None:
    times, values = [time for time, _ in readings], [value for _, value in readings]
    found_times, found_values = unpack(pack(times, values))
    assert list(found_times) == times
    assert bits(found_values) == bits(values)


def test_readings_out_of_order_and_twice_at_one_time_stay_so() -> None:
    times = [START + SECOND, START, START] * 10
    assert unpack(pack(times, range(30)))[0].tolist() == times


def test_times_may_be_as_far_apart_as_they_can_be() -> None:
    times = [-(2**62), 2**62] * 8
    assert unpack(pack(times, range(16)))[0].tolist() == times


def test_one_reading_takes_21_bytes() -> None:
    form, checksum, time, value = struct.unpack("<BIqd", pack([START], [21.5]))
    assert (form, time, value) == (1, START, 21.5)
    assert checksum


def test_no_readings_can_be_packed_too() -> None:
    times, values = unpack(pack([], []))
    assert (len(times), len(values)) == (0, 0)


def test_an_hour_of_regular_readings_takes_less_than_three_bytes_each() -> None:
    data = pack(
        [START + number * SECOND for number in range(3600)], [20 + number % 7 / 10 for number in range(3600)]
    )
    assert len(data) < 3 * 3600


@pytest.mark.parametrize("number", [1, 100])
def test_any_wrong_byte_is_seen(number: int) -> None:
    data = pack([START] * number, [1.5] * number)
    for place in range(len(data)):
        wrong = data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]
        with pytest.raises(Damaged):
            unpack(wrong)


@pytest.mark.parametrize("number", [1, 100])
def test_an_end_that_is_missing_is_seen(number: int) -> None:
    data = pack([START] * number, [1.5] * number)
    for length in range(len(data)):
        with pytest.raises(Damaged):
            unpack(data[:length])


@pytest.mark.parametrize(("number", "other"), [(1, b"\x02"), (100, b"\x01")])
def test_a_form_that_became_the_other_is_seen(number: int, other: bytes) -> None:
    with pytest.raises(Damaged, match="checksum"):
        unpack(other + pack([START] * number, [1.5] * number)[1:])


@pytest.mark.parametrize(
    ("form", "payload"),
    [
        (b"\x01", bytes(15)),  # no two columns of eight bytes each
        (b"\x02", b"no stream"),
        (
            b"\x02",
            zlib.compress(struct.pack("<2q2d", 2**62, 2**62, 0.0, 0.0), wbits=-13),
        ),  # a time beyond 64 bits
    ],
)
def test_what_has_a_right_checksum_and_was_never_packed_is_no_reading(form: bytes, payload: bytes) -> None:
    with pytest.raises(Damaged, match="never packed"):
        unpack(form + struct.pack("<I", zlib.crc32(payload, form[0])) + payload)


def test_a_form_that_a_later_version_wrote_is_not_guessed_at() -> None:
    with pytest.raises(Damaged, match="form 9 is unknown"):
        unpack(b"\x09" + pack([START], [1.5])[1:])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 times for 1 values"):
        pack([START, START], [1.5])


@pytest.mark.parametrize("number", [1, 100])
def test_a_time_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(OverflowError):
        pack([2**63] * number, [1.5] * number)
