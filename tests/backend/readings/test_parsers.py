"""Whatever bytes come: they are readings, or they are refused with words; and readings are what they say."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sampler.backend.readings import documents, lines
from sampler.backend.readings.documents import Reading
from sampler.backend.readings.gathering import MAX_READINGS
from sampler.backend.readings.lines import Malformed
from sampler.backend.store.readings.series import Series
from sampler.backend.web.arrays import Elements
from sampler.backend.web.objects import Objects
from sampler.backend.web.problems import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
numbers = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(min_size=1, max_size=20).filter(str.isprintable)
words = names.map(lambda name: "".join(name.split())).filter(lambda name: bool(name.strip("/")))
seconds = st.integers(0, 7_258_118_399)
GOOD = '[{"sensor":"s","timestamp":"2021-11-09","value":1}'
near_json = st.lists(st.sampled_from([GOOD, *'],{}"\\1[\n'])).map("".join).map(str.encode)
near_lines = st.lists(st.sampled_from([bytes([byte]) for byte in b"1 a\n\r-.e\xff\0"])).map(b"".join)


def read_json(body: bytes) -> list[Series]:
    async def pieces(elements: Elements[Reading]) -> AsyncIterator[list[Reading]]:
        for piece in elements.feed(body):
            yield piece
        yield elements.end()

    elements = Elements(Objects(Reading), MAX_READINGS)
    return asyncio.run(documents.gathered(pieces(elements), UTC))


def flat(found: list[Series]) -> list[tuple[str, int, float]]:
    return sorted((one.name, t, v) for one in found for t, v in zip(one.times, one.values, strict=True))


@given(st.binary() | near_json)
def test_any_body_is_readings_or_refused(body: bytes) -> None:
    with contextlib.suppress(Invalid):
        read_json(body)


@given(st.binary() | near_lines)
def test_any_lines_are_readings_or_refused(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        asyncio.run(lines.read(body))


@given(st.lists(st.tuples(names, seconds, numbers)))
def test_a_document_s_readings_are_what_it_says(readings: list[tuple[str, int, float]]) -> None:
    document: list[dict[str, Any]] = [
        {"sensor": name, "timestamp": (EPOCH + timedelta(seconds=second)).isoformat(), "value": value}
        for name, second, value in readings
    ]

    found = read_json(json.dumps(document).encode())

    assert flat(found) == sorted((name, second * 10_000_000, value) for name, second, value in readings)
    for one in found:
        assert one.last == max(one.times)


@given(st.lists(st.tuples(words, seconds, numbers)))
def test_lines_are_what_they_say(readings: list[tuple[str, int, float]]) -> None:
    body = "".join(f"{second} {name} {value!r}\n" for name, second, value in readings)

    found = asyncio.run(lines.read(body.encode()))

    assert flat(found) == sorted((name, second * 10_000_000, value) for name, second, value in readings)
