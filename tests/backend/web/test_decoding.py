"""JSON that is read as a whole: what it may hold at most, and what that costs."""

import time

import pytest

from sampler.backend.web.decoding import MAX_VALUES, decoded
from sampler.backend.web.problems import Invalid

TEN_MIB = 10 * 1024 * 1024
TOO_MANY = {"$": ["It must not hold more than 200000 values."]}


def array(element: bytes, elements: int) -> bytes:
    return b"[" + b",".join([element] * elements) + b"]"


def test_as_many_values_as_may_be_are_read_and_one_more_is_not() -> None:
    assert decoded(array(b"1", MAX_VALUES)) == [1] * MAX_VALUES
    with pytest.raises(Invalid) as refused:
        decoded(array(b"1", MAX_VALUES + 1))
    assert refused.value.errors == TOO_MANY


@pytest.mark.parametrize("element", [b"[]", b"{}", b"[0]", b'{"":0}', b"1", b"1e5"])
def test_nobody_waits_for_ten_mebibytes_of_little_things(element: bytes) -> None:
    body = array(element, TEN_MIB // (len(element) + 1))
    began = time.process_time()
    with pytest.raises(Invalid) as refused:
        decoded(body)

    # Made one by one they would take a second, or two, in which nobody else is served, and 240 MiB.
    assert time.process_time() - began < 0.3
    assert refused.value.errors == TOO_MANY
