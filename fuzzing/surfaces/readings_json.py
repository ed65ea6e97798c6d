"""Contract B's JSON: an array of readings in pieces, and the series that come of it."""

from collections.abc import Iterator
from datetime import UTC

import msgspec

from fuzzing import arrays
from fuzzing.driving import one_by_one, result
from fuzzing.target import Target
from sampler.backend import instants
from sampler.backend.readings import documents
from sampler.backend.readings.documents import Reading
from sampler.backend.store.readings.series import Series
from sampler.backend.web import names
from sampler.backend.web.objects import Objects
from sampler.backend.web.problems import Invalid

_OBJECTS = Objects(Reading)
_FIELDS = {"sensor": str, "timestamp": str, "value": float}


def one(data: bytes) -> None:
    found = arrays.check(_OBJECTS, _FIELDS, data)
    if isinstance(found, Invalid):
        return
    try:
        series = result(documents.gathered(one_by_one([found[:3], found[3:]]), UTC))
    except Invalid as error:
        assert not all(map(is_fit, found))
        (place,) = error.errors
        assert not is_fit(found[int(place[1:].partition("]")[0])])
        return
    check(series, found)


def is_fit(reading: Reading) -> bool:
    try:
        instants.parse(reading.timestamp)
        names.new_sensor(reading.sensor)
    except ValueError:
        return False
    return True


def check(series: list[Series], readings: list[Reading]) -> None:
    """See that all readings are there, each sensor's in the order in which they came."""
    for one in series:
        own = [reading for reading in readings if reading.sensor == one.name]
        assert list(one.times) == [instants.parse(reading.timestamp) for reading in own]
        assert list(one.values) == [reading.value for reading in own]
        assert one.last == max(one.times)
    assert sum(len(one.times) for one in series) == len(readings)


def seeds() -> Iterator[bytes]:
    sample = [
        Reading("sensor1", "2021-11-08T21:38:09+00:00", 2.1),
        Reading("sensor1", "2021-11-09T21:38:10+00:00", 1.0),
        Reading("sensor0", "2021-11-09T21:38:09+01:00", 3),
    ]
    whole = msgspec.json.encode(sample)
    for steering in (b"\0\0", b"\1\1", b"\2\2", b"\3\3"):
        yield steering + whole
    yield b"\1\1" + msgspec.json.format(whole, indent=3)
    yield b"\0\1\xef\xbb\xbf \t\r\n[ ] "
    yield b'\0\1[{"sensor":"\\u00e9\\"},","timestamp":"2021-11-09","value":-1E+2,"x":{"y":[{"z":[1,{"s":"}]"}]}]}}]'
    yield b'\4\1[{"sensor":"a","sensor":"b","timestamp":"2021-11-09","value":1}]'
    yield b'\4\1[{"sensor":"\\ud800","timestamp":"2021-11-09","value":1e999,"x":"\\ud83d\\ude00"}]'
    yield b"\0\0" + b'[{"a":' + b"[" * 40 + b"]" * 40 + b"}]"


TARGET = Target(
    "contract B, JSON",
    one,
    seeds,
    (
        *(
            b'"sensor":',
            b'"timestamp":',
            b'"value":',
            b'"2021-11-09"',
            b"},{",
            b'"},',
            b"\\u0000",
            b"\\ud800",
            b"1e308",
        ),
        *(b"null", b"true", b"NaN", b"-0.0", b"\xef\xbb\xbf", b"[[[[[[[[", b"]]]]]]]]", b'\\"', b"9" * 400),
    ),
    quick=400,
)
