"""Contract D's lines: where they end, and how little memory they take while they wait."""

import asyncio
import tracemalloc

import pytest

from sampler.backend.readings import lines
from sampler.backend.readings.lines import Fault, Malformed


@pytest.mark.parametrize(
    "body", [b"1 a 2\n3 b 4", b"1 a 2\n3 b 4\n", b"1 a 2\r\n3 b 4\r\n", b"\xef\xbb\xbf1 a 2\n3 b 4"]
)
def test_a_final_newline_and_carriage_returns_are_fine(body: bytes) -> None:
    series = asyncio.run(lines.read(body))

    assert [(one.name, [*one.times], [*one.values]) for one in series] == [
        ("a", [10_000_000], [2.0]),
        ("b", [30_000_000], [4.0]),
    ]


@pytest.mark.parametrize("body", [b"", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_no_lines_are_no_readings(body: bytes) -> None:
    assert asyncio.run(lines.read(body)) == []


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"\n\n", 1),
        (b"\r\n\r\n", 1),
        (b" \n", 1),
        (b"1 a 2\n\n", 2),
        (b"1 a 2\n\n3 b 4\n", 2),
        (b"\n1 a 2", 1),
    ],
)
def test_an_empty_line_is_malformed(body: bytes, line: int) -> None:
    with pytest.raises(Malformed) as refused:
        asyncio.run(lines.read(body))

    assert refused.value.faults[0] == Fault(line, "the line must be <unix seconds> <name> <value>")


def test_there_may_be_so_many_lines_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_READINGS", 3)

    assert len(asyncio.run(lines.read(b"1 a 2\n" * 3))[0].times) == 3
    for body in (b"1 a 2\n" * 4, b"1 a 2\n" * 3 + b"1 a 2"):
        with pytest.raises(Malformed, match="line 4 a request may have 3 lines"):
            asyncio.run(lines.read(body))


def test_readings_that_wait_take_little_more_than_their_16_bytes() -> None:
    body = b"".join(b"%d sensor%d 1.5\n" % (1_649_941_817 + i, i % 10) for i in range(50_000))
    asyncio.run(lines.read(b"1 a 2"))
    tracemalloc.start()
    try:
        series = asyncio.run(lines.read(body))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert sum(len(one.times) for one in series) == 50_000
    assert peak < 50_000 * 16 * 1.5 + 500_000  # arrays grow by an eighth; a thousand lines at a time


def test_a_line_of_millions_of_words_is_refused_without_having_them_all() -> None:
    body = b"ab " * (10 * 1024 * 1024 // 3)
    tracemalloc.start()
    try:
        with pytest.raises(Malformed):
            asyncio.run(lines.read(body))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 3 * len(body)  # the line, and the rest of it; its words would be twenty times as much
