"""The temperature document: JSON as clients send it -> measurements, or faults as ASP.NET names them."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from sampler.backend import instants
from sampler.backend.store.measurements import Measurement
from sampler.backend.web.decoding import decoded
from sampler.backend.web.problems import Invalid

MAX_MEASUREMENTS = 1000
_MIN_C, _MAX_C = -50.0, 50.0
_MAX_QUALITY_BYTES = 4096
# .NET's web defaults read a number from a string as well, so there are clients that send one.
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)


def read_one(body: bytes) -> list[Measurement]:
    """Read a document of one measurement; raises Invalid."""
    return _read([("", decoded(body))])


def read_many(body: bytes) -> list[Measurement]:
    """Read an array of measurements; raises Invalid, which names the faults of all of them."""
    elements = decoded(body)
    if not isinstance(elements, list):
        raise Invalid({"$": ["The document must be an array of measurements."]})
    if len(elements) > MAX_MEASUREMENTS:
        raise Invalid(
            {"$": [f"The array must hold at most {MAX_MEASUREMENTS} measurements, not {len(elements)}."]}
        )
    return _read((f"[{i}]", element) for i, element in enumerate(elements))


def _read(elements: Iterable[tuple[str, object]]) -> list[Measurement]:
    measurements = []
    faults: dict[str, Sequence[str]] = {}
    for path, element in elements:
        try:
            measurements.append(_measurement(element))
        except Invalid as invalid:
            faults |= {_place(path, name): words for name, words in invalid.errors.items()}
    if faults:
        raise Invalid(faults)
    return measurements


def _place(path: str, name: str) -> str:
    return ".".join(filter(None, (path, name))) or "$"


def _measurement(element: object) -> Measurement:
    """Read one element; raises Invalid with its faults by field."""
    if not isinstance(element, dict):
        raise Invalid({"": ["A measurement must be an object."]})
    values: list[Any] = []
    faults: dict[str, list[str]] = {}
    for name, value, convert in _fields(_by_lower_case(element)):
        try:
            values.append(convert(value))
        except ValueError as error:
            faults[name] = [f"The {name} field {error}."]
    if faults:
        raise Invalid(faults)
    return Measurement(*values)


_Field = tuple[str, Any, Callable[[Any], Any]]


def _fields(element: dict[str, Any]) -> list[_Field]:
    """Give name, value and converter of each field, in Measurement's order."""
    time = element.get("time")
    times = _times(_by_lower_case(time)) if isinstance(time, dict) else [("Time", time, _object)]
    # The published document says `average`; the ASP.NET model says `avg` and ignores it: so `avg` counts.
    average = element["avg"] if element.get("avg") is not None else element.get("average")
    return [
        *times,
        ("Min", element.get("min"), _temperature),
        ("Max", element.get("max"), _temperature),
        ("Avg", average, _temperature),
        ("Quality", element.get("quality"), _quality),
    ]


def _times(time: dict[str, Any]) -> list[_Field]:
    return [("Time.Start", time.get("start"), _instant), ("Time.End", time.get("end"), _instant)]


def _by_lower_case(document: dict[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in document.items()}


def _instant(value: object) -> int:
    _require(value)
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004 - the caller gathers ValueErrors for the client
    return instants.parse(value)


def _object(value: object) -> None:
    """Refuse a time that is no object (with one, its two fields are read instead)."""
    _require(value)
    raise ValueError("must be an object")


def _temperature(value: object) -> float:
    _require(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("must be a number")  # noqa: TRY004 - see above
    if not _MIN_C <= value <= _MAX_C:
        raise ValueError(f"must be between {_MIN_C:g} and {_MAX_C:g}")
    return float(value)


def _quality(value: object) -> bytes | None:
    """Keep an object as it came; anything else under that name is somebody else's unknown field."""
    if not isinstance(value, dict):
        return None
    quality = msgspec.json.encode(value)
    if len(quality) > _MAX_QUALITY_BYTES:
        raise ValueError(f"must not be longer than {_MAX_QUALITY_BYTES} bytes")
    return quality


def _require(value: object) -> None:
    if value is None:
        raise ValueError("is required")
