"""Whether the fault tests would notice."""

from collections.abc import Sequence

import pytest

from tests.faults.device_process import Life
from tests.faults.oracle import Seen, celsius, check_numbers

S = 1_000_000_000


def window(number: int, codes: Sequence[int]) -> Seen:
    """The window of the n-th second, made of these codes."""
    lowest, highest, average = celsius(min(codes), 1), celsius(max(codes), 1), celsius(sum(codes), len(codes))
    quality = {"due": 10, "taken": len(codes), "missed": {}, "bad": {}, "clock": "set"}
    return Seen(f"spool-{number}", number * S, (number + 1) * S, lowest, highest, average, quality)


def test_a_mean_is_as_the_document_has_it() -> None:
    assert celsius(3000, 1) == 23.26
    assert celsius(2047 + 2048, 2) == 0.0


def test_windows_of_a_ramp_read_once_are_right() -> None:
    check_numbers([window(1, range(100, 110)), window(2, range(110, 115))], [Life(100, began=0)])


@pytest.mark.parametrize("second", [range(109, 119), range(111, 121)], ids=["twice", "never"])
def test_a_reading_taken_twice_or_never_is_noticed(second: range) -> None:
    with pytest.raises(AssertionError):
        check_numbers([window(1, range(100, 110)), window(2, second)], [Life(100, began=0)])


def test_a_window_of_two_lives_has_a_piece_of_each() -> None:
    killed_in_the_second = [Life(100, began=0, ended=int(1.5 * S)), Life(900, began=int(1.6 * S))]
    check_numbers(
        [window(1, [*range(100, 104), *range(900, 905)]), window(2, range(905, 915))], killed_in_the_second
    )
    with pytest.raises(AssertionError):
        check_numbers([window(1, [*range(100, 104), *range(901, 906)])], killed_in_the_second)
