"""No text makes a regular expression of ours search for long: whoever sends one sends it to all others' cost."""

import asyncio
import importlib
import itertools
import logging
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import sampler
from sampler.backend.customers import senders
from sampler.backend.readings import lines
from sampler.backend.web import queries
from sampler.device import limits, logs

HEADS = ("", "1.", "-", "2022-01-01T00:00:00.", '"', "a@", "x - at `$[1].")
REPEATED = ("1", "a", "-", "a.", "a-", ".", "1.", " ", "\\", '"', "[", "://", "e1", "$", " (byte 1")
TAILS = ("", "x", "!", "\n")
LENGTH = 5000
LONG = 200_000
MOST_S = 1.0
"""Where an expression tries each end for each beginning, that is seconds, and else hundredths."""


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for module in pkgutil.walk_packages(sampler.__path__, "sampler."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{module.name}.{name}", value


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


PATTERNS = dict(patterns())


def test_they_are_found() -> None:
    assert "sampler.backend.readings.lines._NUMBER" in PATTERNS
    assert "sampler.backend.accounts.documents._EMAIL" in PATTERNS


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_no_text_is_dear_to_match(pattern: re.Pattern[Any]) -> None:
    spent = 0.0
    for head, repeated, tail in itertools.product(HEADS, REPEATED, TAILS):
        text = head + repeated * (LENGTH // len(repeated)) + tail
        given = text.encode() if isinstance(pattern.pattern, bytes) else text
        spent += seconds(lambda given=given: pattern.fullmatch(given))  # type: ignore[misc]
        assert spent < MOST_S, f"{head}{repeated * 3}…{tail}"


@pytest.mark.parametrize("text", ["1" * LONG, "T1" * LONG, "T1 " * LONG, " " * LONG, "T" + "1" * LONG + " 1"])
def test_no_time_in_an_address_is_dear_to_read(text: str) -> None:
    assert seconds(lambda: queries.time(text)) < MOST_S


@pytest.mark.parametrize("text", ["a" * LONG, "/" * LONG, "a " * LONG])
def test_no_agent_is_dear_to_read(text: str) -> None:
    assert seconds(lambda: senders.words(text)) < MOST_S


@pytest.mark.parametrize(
    "text", ["//" * LONG, "://a" * LONG, "://" + "a" * LONG, "Bearer " * LONG, "@" * LONG]
)
def test_no_line_of_a_log_is_dear_to_clean(text: str) -> None:
    record = logging.makeLogRecord({"msg": text})

    assert seconds(lambda: logs.LineHandler().format(record)) < MOST_S
    assert seconds(lambda: limits.brief(text)) < MOST_S


@pytest.mark.parametrize(
    "value", [b"1" * LONG + b"x", b"1." + b"1" * LONG + b"x", b"1e" + b"1" * LONG + b"x"]
)
def test_no_line_of_readings_is_dear_to_refuse(value: bytes) -> None:
    def refuse() -> None:
        with pytest.raises(lines.Malformed, match="line 1 the value must be a number"):
            asyncio.run(lines.read(b"1649941817 Voltage " + value))

    assert seconds(refuse) < MOST_S
