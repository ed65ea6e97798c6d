"""Which customer the headers name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.customers.naming import HEADERS, customer, integer


def named(**headers: list[str]) -> int | None:
    return customer(lambda name: headers.get(name.replace("-", "_"), []))


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("0", 0), ("-7", -7), ("007", 7), ("9" * 100, 10**100 - 1)]
)
def test_decimal_digits_are_an_integer(text: str, number: int) -> None:
    assert integer(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " 1",
        "1 ",
        "1\n",
        "+1",
        "--1",
        "-",
        "1.0",
        "1e0",
        "1_000",
        "0x1",
        "one",
        "true",
        "1,1",
        "\u0661",
        "9" * 101,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="must be an integer"):
        integer(text)


def test_each_spelling_of_the_header_names_the_customer() -> None:
    assert [named(customer_id=["1"]), named(x_customer_id=["1"])] == [1, 1]
    assert customer(lambda name: ["1"] if name == "customer-id" else []) == 1


def test_the_space_around_a_value_is_no_part_of_it() -> None:
    assert named(customer_id=["\t1 \t"]) == 1
    assert named(customer_id=["1\xa0"]) is None
    assert named(customer_id=["1 2"]) is None


def test_no_header_names_nobody() -> None:
    assert named() is None


def test_headers_that_agree_name_their_customer() -> None:
    assert named(customer_id=["1", "1"], x_customer_id=["01"]) == 1


def test_headers_that_differ_name_nobody() -> None:
    assert named(customer_id=["1", "2"]) is None
    assert named(customer_id=["1"], x_customer_id=["2"]) is None
    assert named(customer_id=["1"], x_customer_id=["one"]) is None


@given(st.dictionaries(st.sampled_from(HEADERS), st.lists(st.text(max_size=5) | st.integers().map(str))))
def test_any_headers_name_one_customer_or_none(headers: dict[str, list[str]]) -> None:
    said = [value.strip(" \t") for values in headers.values() for value in values]
    numbers = {int(value) if value.lstrip("-").isdecimal() and value.isascii() else None for value in said}

    found = customer(lambda name: headers.get(name, []))

    assert found is None or numbers == {found}
