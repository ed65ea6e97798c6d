"""Contract A's JSON: one measurement or an array of them, and JSON as every room reads it whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from fuzzing import strict_json
from fuzzing.cutting import header
from fuzzing.markdown import json_examples
from fuzzing.target import Target
from sampler.backend import instants
from sampler.backend.instants import END
from sampler.backend.store.measurements import Measurement
from sampler.backend.temperature import documents
from sampler.backend.web.decoding import decoded
from sampler.backend.web.problems import Invalid

_MARK = b"\xef\xbb\xbf"


def one(data: bytes) -> None:
    (which,), body = header(data, 1)
    if which % 2:
        compare(body)
    alone, all_of_them = read(documents.read_one, body), read(documents.read_many, body)
    assert alone is None or all_of_them is None
    for measurement in [*(alone or ()), *(all_of_them or ())]:
        check(measurement)
    if not body.startswith(_MARK):
        in_brackets = read(documents.read_many, b"[" + body + b"]")
        assert alone is None or in_brackets == alone


def compare(body: bytes) -> None:
    """Hold our reading of any document against Python's."""
    try:
        found = decoded(body)
    except Invalid as error:
        try:
            strict_json.read(body, twice=False)
        except strict_json.Refused:
            return
        raise AssertionError(f"it was refused: {error}") from error
    try:
        meant = strict_json.read(body, twice=False)
    except strict_json.Unsure:
        return
    assert found == meant


def read(reader: Callable[[bytes], list[Measurement]], body: bytes) -> list[Measurement] | None:
    try:
        return reader(body)
    except Invalid as error:
        assert error.errors
        assert all(place and words for place, words in error.errors.items())
        return None


def check(measurement: Measurement) -> None:
    """See that it can be, and that writing it says the same."""
    assert 0 <= measurement.start < END
    assert 0 <= measurement.end < END
    assert all(-50 <= celsius <= 50 for celsius in (measurement.min, measurement.max, measurement.average))
    times = {"start": instants.iso(measurement.start), "end": instants.round_trip(measurement.end)}
    document = {"time": times, "min": measurement.min, "max": measurement.max, "average": measurement.average}
    if measurement.quality is not None:
        assert len(measurement.quality) <= 4096
        document["quality"] = msgspec.json.decode(measurement.quality)
    assert documents.read_one(msgspec.json.encode(document)) == [measurement]


def seeds() -> Iterator[bytes]:
    for example in json_examples(Path("docs/interfaces/temperature.md")):
        yield b"\1" + example
        yield b"\0[" + example + b"," + example + b"]"
    yield (
        b'\0{"Time":{"START":"2021-04-12T20:20:20.1234567Z","end":"2021-04-12 20:22:20+01:00"},"min":"-1.5e1","MAX":50,'
        b'"avg":null,"average":1e-3,"quality":{"due":1200,"bad":{"blank":1}}}'
    )
    yield b'\1{"a":[1,-0,1e5,1E-5,123456789012345678901234,"\\u00e9\\ud83d\\ude00",true,false,null,{"a":1,"a":2}]}'
    yield b'\1["\\u+00e"]'
    yield b"\1" + b"[" * 33 + b"]" * 33
    yield b"\1\xef\xbb\xbf[]"


TARGET = Target(
    "contract A, JSON",
    one,
    seeds,
    (
        *(
            b'"time":{"start":',
            b'"end":',
            b'"min":',
            b'"max":',
            b'"average":',
            b'"avg":',
            b'"quality":{',
            b"null",
            b"-50",
        ),
        *(
            b'"2021-04-12T20:20:20.000Z"',
            b"\\ud800",
            b"1e400",
            b"[[[[[[[[",
            b"]]]]]]]]",
            b"\xef\xbb\xbf",
            b"9" * 30,
            b"50.5",
        ),
    ),
    quick=400,
)
