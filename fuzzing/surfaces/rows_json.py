"""Contract E's JSON: an array of rows in pieces, and the changes of one row with a query."""

from collections.abc import Iterator
from math import isfinite

import msgspec

from fuzzing import arrays, strict_json
from fuzzing.cutting import header
from fuzzing.target import Target
from sampler.backend import instants
from sampler.backend.environment import documents
from sampler.backend.environment.documents import POSTED, PostedRow
from sampler.backend.instants import END
from sampler.backend.store.environment.rows import Values
from sampler.backend.web import names
from sampler.backend.web.problems import Invalid

_NUMBERS = ("temperature", "humidity", "pressure")
_FIELDS = {"sensor_id": str, "timestamp": str, **dict.fromkeys(_NUMBERS, float)}


def one(data: bytes) -> None:
    (which,), rest = header(data, 1)
    (rows if which % 2 == 0 else changes)(rest)


def rows(data: bytes) -> None:
    found = arrays.check(POSTED, _FIELDS, data)
    if isinstance(found, Invalid):
        return
    try:
        values = documents.values(found, 7)
    except Invalid as error:
        assert all(place.startswith("[") for place in error.errors)
        assert not all(map(is_fit, found))
        return
    assert values == [
        Values(row.sensor_id, instants.parse(row.timestamp), row.temperature, row.humidity, row.pressure)
        for row in found
    ]
    again = msgspec.json.decode(documents.listing(3, values), type=list[documents.Row])
    assert [row.id for row in again] == list(range(3, 3 + len(values)))
    assert [instants.parse(row.timestamp) for row in again] == [value.time for value in values]


def is_fit(row: PostedRow) -> bool:
    try:
        instants.parse(row.timestamp)
        names.sensor(row.sensor_id)
    except ValueError:
        return False
    return True


def changes(data: bytes) -> None:
    """Read a row's changes: from a body, behind the first newline, and a query of name=value in front of it."""
    query, _, body = data.partition(b"\n")
    asked = dict(part.partition("=")[::2] for part in query.decode("utf-8", "replace").split("&"))
    try:
        found = documents.changes(body, asked)
    except Invalid as error:
        arrays.check_refusal(error, body)
        return
    assert found
    assert found.keys() <= set(Values._fields)
    assert all(isfinite(found[name]) and type(found[name]) is float for name in _NUMBERS if name in found)
    assert 0 <= found.get("time", 0) < END
    if body:
        check_body(body, found)


def check_body(body: bytes, found: dict[str, object]) -> None:
    """See that what the body says counts."""
    try:
        document = strict_json.read(body)
    except strict_json.Unsure:
        return
    for name in _NUMBERS:
        if name in document:
            assert found[name] == document[name]
    assert found.get("sensor") == document.get("sensor_id", found.get("sensor"))


def seeds() -> Iterator[bytes]:
    row = PostedRow("kitchen", "2022-01-05T10:00:00Z", 21.5, 40, 1013.25)
    two = msgspec.json.encode([row, PostedRow("hall", "2022-01-05", -0.0, 1e-300, 12345678901234567890)])
    for steering in (b"\0\0\0", b"\0\1\1", b"\0\2\2", b"\0\5\3"):
        yield steering + two
    changes = b'{"pressure":-0.5,"timestamp":"2022-01-05","sensor_id":"a"}'
    yield b"\1pressure=0&sensor_id=x&timestamp=2022-01-05T10:00\n" + changes
    yield b"\1temperature=1e3&humidity=.5\n"
    yield b'\1\n{"humidity":0,"x":[[]]}'
    yield b'\1\n{"humidity":0},{"humidity":1}'


TARGET = Target(
    "contract E, JSON",
    one,
    seeds,
    (
        *(f'"{name}":'.encode() for name in _FIELDS),
        *(
            b"null",
            b"1e400",
            b'"2022-01-05"',
            b"},{",
            b"\\ud800",
            b"[[[[[[[[",
            b"\xef\xbb\xbf",
            b"humidity=",
            b"timestamp=",
        ),
    ),
    quick=300,
)
