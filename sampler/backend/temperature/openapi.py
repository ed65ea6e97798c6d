"""Contract A in the OpenAPI document."""

from typing import Any

from sampler.backend.temperature.documents import MAX_MEASUREMENTS
from sampler.backend.temperature.listing import DEFAULT_LIMIT, MAX_LIMIT, ListedMeasurement
from sampler.backend.web.openapi import (
    INSTANT,
    Object,
    Room,
    answer,
    body,
    header,
    json,
    link,
    operation,
    page,
    problems,
    query,
    reference,
    schemas,
    token,
)

_TEMPERATURE: Object = {"type": "number", "minimum": -50, "maximum": 50, "description": "°C"}
_MEASUREMENT: Object = {
    "type": "object",
    "required": ["time", "min", "max"],
    "anyOf": [
        {"required": ["average"], "properties": {"average": _TEMPERATURE, "avg": {"type": "null"}}},
        {"required": ["avg"], "properties": {"avg": _TEMPERATURE}},
    ],
    "properties": {
        "time": {
            "type": "object",
            "required": ["start", "end"],
            "properties": {"start": INSTANT, "end": INSTANT},
        },
        "min": _TEMPERATURE,
        "max": _TEMPERATURE,
        "average": {"description": "°C; not looked at where avg has a value."},
        "avg": {"description": "°C; the same as average."},
        "quality": {"description": "An object is the sender's account of the window, and kept as it came."},
    },
}


def _example(**changes: Any) -> Object:
    times = {"start": "2021-04-12T20:20:20.000Z", "end": "2021-04-12T20:22:20.000Z"}
    return {"time": times, "min": 1.11, "max": 1.13, "average": 1.12} | changes


_DEVICE = header(
    "X-Device", {"type": "string", "maxLength": 200}, "The device's name, percent-encoded UTF-8."
)
_A_KEY: Object = {
    "type": "string",
    "minLength": 1,
    "maxLength": 100,
    "pattern": "^[!-+.-~-]([ -+.-~-]*[!-+.-~-])?$",
}
_KEY = header("Idempotency-Key", _A_KEY, "Under its device's name and its key a measurement is stored once.")
_KEYS = header(
    "Idempotency-Key",
    {"type": "array", "items": _A_KEY},
    "A key for each measurement: under its device's name and its key it is stored once.",
)
_STORED = "Stored, and synced to the disk."
_REFUSALS = problems(400, 408, 413, 415, 422, 500, 503)


def _listing(measurement: str) -> dict[str, Object]:
    """List from the measurement on that stands there in the request."""
    return {"list": link("get", "/api/temperature", parameters={"from": f"{measurement}/time/start"})}


ROOM = Room(
    "temperature",
    "What devices measured (contract A).",
    {
        "/api/temperature": {
            "post": operation(
                "Store one measurement",
                {"200": answer(_STORED, links=_listing("$request.body#"))} | _REFUSALS,
                security=token("write:A"),
                parameters=[_DEVICE, _KEY],
                body=body(**json(reference("TemperatureMeasurement"), one=_example())),
            ),
            "get": operation(
                "List the measurements that start in [from, to), oldest first",
                {
                    "200": answer(
                        "A page.",
                        json({"type": "array", "items": reference("ListedMeasurement")}),
                        {"Link": 'Where the next page is, if there is one: <…>; rel="next"'},
                    )
                }
                | problems(400, 503),
                security=token("read"),
                parameters=[
                    query("from", INSTANT, "The first instant.", example="2021-04-12T00:00:00Z"),
                    query("to", INSTANT, "The instant behind the last.", example="2021-04-13T00:00:00Z"),
                    query("device", {"type": "string"}, "Only this device's."),
                    *page("after", DEFAULT_LIMIT, MAX_LIMIT),
                ],
            ),
        },
        "/api/temperature/missing": {
            "post": operation(
                "Store an array of measurements, all of them or none",
                {"200": answer(_STORED, links=_listing("$request.body#/0"))} | _REFUSALS,
                security=token("write:A"),
                parameters=[_DEVICE, _KEYS],
                body=body(
                    **json(
                        {
                            "type": "array",
                            "items": reference("TemperatureMeasurement"),
                            "maxItems": MAX_MEASUREMENTS,
                        },
                        two=[_example(), _example(min=1, max=2, average=1.5)],
                        none=[],
                    )
                ),
            )
        },
    },
    {"TemperatureMeasurement": _MEASUREMENT} | schemas(ListedMeasurement),
)
