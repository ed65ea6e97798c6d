"""JSON arrays in chunks: whatever the chunks, the same elements as from the whole, or the same fault."""

import collections
import hashlib
import itertools
import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sampler.backend.web.arrays import PIECE_BYTES, Elements
from sampler.backend.web.objects import Objects
from sampler.backend.web.problems import Invalid


class Point(msgspec.Struct):
    name: str
    value: float


class Anything(msgspec.Struct):
    name: str
    value: Any = None


POINT = {"name": "a", "value": 1.5}


def read(chunks: Iterable[bytes], form: type[msgspec.Struct] = Point, most: int = 10**6) -> list[Any]:
    elements = Elements(Objects(form), most)
    read = [element for chunk in chunks for piece in elements.feed(chunk) for element in piece]
    return [msgspec.structs.asdict(element) for element in [*read, *elements.end()]]


def faults(body: bytes, form: type[msgspec.Struct] = Point, most: int = 10**6) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        read([body], form, most)
    return {place: list(words) for place, words in caught.value.errors.items()}


def split(body: bytes, places: Sequence[int]) -> list[bytes]:
    cuts = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in itertools.pairwise(cuts)]


PLACES = st.lists(st.integers(0, 10**7), max_size=30)
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["},", "}]", '"},{"', "\\", '\\"}', "[{"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ARRAYS = st.lists(st.fixed_dictionaries({"name": TEXT, "value": VALUES}), max_size=20)
LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"separators": (" ,", " : ")}, {"ensure_ascii": False}])


@given(array=ARRAYS, layout=LAYOUTS, places=PLACES, size=st.sampled_from([2, 300, 5000]))
def test_an_array_is_read_as_from_the_whole_however_it_comes(
    array: list[dict[str, Any]], layout: dict[str, Any], places: list[int], size: int
) -> None:
    body = json.dumps(array, **layout).encode()
    with pytest.MonkeyPatch.context() as patch:
        longest = max((len(json.dumps(element, **layout).encode()) for element in array), default=0)
        patch.setattr("sampler.backend.web.arrays.PIECE_BYTES", max(size, 4 * longest))
        assert read(split(body, places), Anything) == json.loads(body)


@given(
    body=st.binary(max_size=300)
    | st.text("[{}],").map(str.encode)
    | st.text('[]{}",:\\ \n}}],,aé1e-0.nulltrue', max_size=300).map(str.encode)
    | st.builds(
        lambda array, place, junk: (
            (body := json.dumps(array).encode())[: place % (len(body) + 1)]
            + junk
            + body[place % (len(body) + 1) :]
        ),
        ARRAYS,
        st.integers(0, 10**6),
        st.binary(max_size=3) | st.sampled_from([b"}", b"]", b",", b'"', b"[", b"NaN", b"\xef\xbb\xbf"]),
    ),
    places=PLACES,
    size=st.sampled_from([1, 16, 100]),
)
@example(body=b"[} ", places=[2], size=1)
@example(body=b'[{"name":"a"}}]', places=[14], size=1)
def test_garbage_is_invalid_or_what_the_whole_says_and_nothing_else(
    body: bytes, places: list[int], size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sampler.backend.web.arrays.PIECE_BYTES", size)
        try:
            found = read(split(body, places), Anything)
        except Invalid:
            return
        whole = json.loads(body.removeprefix(b"\xef\xbb\xbf"))
        assert found == [{"name": element["name"], "value": element.get("value")} for element in whole]


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        (b"", "$", "The body must be a JSON array."),
        (b"   ", "$", "The body must be a JSON array."),
        (b"{}", "$", "The body must be a JSON array."),
        (b"\xff\xfe[\x00]\x00", "$", "The body must be a JSON array."),
        (b"[", "$", "The body must be JSON: the array has no end (byte 1)."),
        (b'[{"name":"a","value":1}', "$", "The body must be JSON: the array has no end (byte 23)."),
        (
            b'[{"name":"a","value":1},]',
            "$",
            "The body must be JSON: trailing comma in array (byte 24).",
        ),
        (b'[{"name":"a","value":1}]x', "$", "The body must be JSON: the array has no end (byte 25)."),
        (b'[{"name":"a","value":1}] ]', "$", "The body must be JSON: trailing characters (byte 26)."),
        (b'[{"name":"a","value":NaN}]', "$", "The body must be JSON: invalid character (byte 21)."),
        (b'[{"name":"a","value":-Infinity}]', "$", "The body must be JSON: invalid character (byte 22)."),
        (b'[{"name":"\xff","value":1}]', "$", "The body must be JSON: it is not UTF-8 (byte 10)."),
        (b'[{"name":"a","value":1,"x":"\xff"}]', "$", "The body must be JSON: it is not UTF-8 (byte 28)."),
        (b'[{"name":"a","value":1e400}]', "[0].value", "Number out of range."),
        (b'[{"name":"a","value":' + b"1" * 5000 + b"}]", "[0].value", "Number out of range."),
        (b'[{"name":"a","value":1},{"name":"a"}]', "[1].value", "It is required."),
        (b'[{"name":"a","value":"1"}]', "[0].value", "Expected `float`, got `str`."),
        (b'[{"name":"a","value":true}]', "[0].value", "Expected `float`, got `bool`."),
        (b'[{"name":null,"value":1}]', "[0].name", "Expected `str`, got `null`."),
        (b"[1]", "[0]", "Expected `object`, got `int`."),
        (b'[{"name":"a","value":1,"value":1}]', "[0].value", "It is there twice."),
        (b'[{"name":"a","value":1,"n\\u0061me":"b"}]', "[0].name", "It is there twice."),
        (b'[{"name":"a","value":1,"x":[{"y":1,"y":2}]}]', "[0].y", "It is there twice."),
        (b"[" * 33 + b"]" * 33, "[0]", "Expected `object`, got `array`."),
        (
            b'[{"name":"a","value":1,"x":' + b"[" * 31 + b"]" * 31 + b"}]",
            "[0]",
            "It must not be nested deeper than 32 levels.",
        ),
        (b'[{"name":"a","value":1,"x":' + b"[" * 70_000, "$", "It must not be nested deeper than 32 levels."),
    ],
)
def test_what_is_wrong_is_named_with_its_place(body: bytes, place: str, words: str) -> None:
    assert faults(body) == {place: [words]}


def test_thirty_two_levels_are_read() -> None:
    body = b'[{"name":"a","value":1,"x":' + b"[" * 30 + b"]" * 30 + b"}]"

    assert read([body]) == [{"name": "a", "value": 1.0}]


def test_a_byte_order_mark_and_space_around_the_array_are_fine() -> None:
    body = b"\xef\xbb\xbf" + b" " * 200_000 + json.dumps([POINT] * 2000).encode() + b"\n" * 200_000

    assert read([body]) == read(split(body, range(0, len(body), 1000))) == [POINT] * 2000


def test_a_fault_in_a_later_piece_has_the_index_and_the_byte_of_the_whole() -> None:
    row = json.dumps(POINT)  # 27 bytes
    good = ",".join([row] * 10_000)  # 280 000 bytes less a comma, so several pieces

    assert faults(f"[{good},{row[:-1]},}}]".encode()) == {
        "$": [f"The body must be JSON: trailing comma in object (byte {1 + 280_000 + 27})."]
    }
    assert list(faults(f'[{good},{{"name":"a"}},{good}]'.encode())) == ["[10000].value"]
    assert list(faults(f"[{good}],{good}]".encode())) == ["$"]
    piece = f"[{good[:69_999]},".encode()  # 2 500 rows and a comma, of which nothing is left to wait
    with pytest.raises(Invalid, match="nothing behind the last comma"):
        read([piece[:40_000], piece[40_000:], b"]"])


def test_more_elements_than_asked_for_are_refused_before_all_have_come() -> None:
    elements = Elements(Objects(Point), 1000)
    endless = itertools.repeat(json.dumps(POINT).encode() + b",")

    with pytest.raises(Invalid, match="at most 1000 elements"):
        collections.deque(map(list, map(elements.feed, itertools.chain([b"["], endless))))


def test_an_element_as_long_as_a_piece_is_read_and_one_of_twice_that_is_named() -> None:
    longest = json.dumps({"name": "," * (PIECE_BYTES - 26), "value": 1.5})
    too_long = json.dumps({"name": "," * (2 * PIECE_BYTES), "value": 1.5})
    assert len(longest) == PIECE_BYTES

    assert len(read([f"[{longest},{longest},{longest}]".encode()])) == 3
    assert faults(f"[{longest},{too_long},{longest}]".encode()) == {
        "[1]": [f"It must be an object of at most {PIECE_BYTES} bytes."]
    }


def test_the_fingerprint_is_that_of_the_bytes_that_came() -> None:
    body = json.dumps([POINT] * 5000).encode()
    elements = Elements(Objects(Point), 5000)
    for chunk in split(body, [17, 100_000]):
        list(elements.feed(chunk))
    elements.end()

    assert elements.fingerprint == hashlib.sha256(body).digest()
    assert elements.count == 5000


HOSTILE = {
    "closing braces": b"[" + b"}" * 2**20,
    "closing braces and commas": b"[" + b"}," * 2**19,
    "braces in strings": b"[" + json.dumps({"name": "}," * 30_000, "value": 1}).encode() + b",",
    "opening brackets": b"[" * 2**20,
    "quotes": b"[" + b'"' * 2**20,
    "backslashes": b'["' + b"\\" * 2**20,
    "no end of an object": b'[{"name":"' + b"a" * 2**20,
    "empty objects": b"[" + b"{}," * 2**18,
    "pairs of brackets": b"[{" + b"[]" * 2**19,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("size", [1000, 2**16, 2**20])
def test_no_body_is_dear_to_refuse(body: bytes, size: int) -> None:
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    began = time.process_time()

    with pytest.raises(Invalid):
        read(chunks)

    assert time.process_time() - began < 0.5  # about 20 ms a MiB where it has to be searched


def test_long_strings_of_braces_are_read_in_time_that_grows_with_their_length_only() -> None:
    row = json.dumps({"name": '"},{' * 3000, "value": 1.5}).encode()
    body = b"[" + b",".join([row] * 300) + b"]"  # 4.5 MB
    began = time.process_time()

    assert len(read([body])) == 300
    assert time.process_time() - began < 5
