"""Contracts B and D in the OpenAPI document."""

from typing import get_args

from sampler.backend.calendars import By
from sampler.backend.readings.buckets import MAX_BUCKETS, Buckets
from sampler.backend.readings.gathering import MAX_READINGS, MAX_SENSORS
from sampler.backend.readings.lines import MAX_FAULTS
from sampler.backend.readings.listing import Entry
from sampler.backend.readings.sensors import DEFAULT_LIMIT, MAX_LIMIT, ListedSensor
from sampler.backend.readings.statistics import SensorStatistics
from sampler.backend.web.names import MAX_SENSOR
from sampler.backend.web.openapi import (
    IDEMPOTENCY_KEY,
    Object,
    Room,
    answer,
    body,
    json,
    limit,
    link,
    media,
    operation,
    place,
    problems,
    query,
    reference,
    schemas,
    text,
    token,
)

_NAME: Object = {"type": "string", "minLength": 1, "maxLength": MAX_SENSOR}
_READING: Object = {
    "type": "object",
    "required": ["sensor", "timestamp", "value"],
    "properties": {
        "sensor": _NAME | {"pattern": "[^/]", "description": "Printable characters, not slashes only."},
        "timestamp": {
            "type": "string",
            "format": "date-time",
            "description": "1970 to 2199. Without an offset it is in the backend's zone, UTC unless set.",
        },
        "value": {"type": "number"},
    },
}
_LINES: Object = {"type": "string", "description": "`<unix seconds> <name> <value>` a line."}
_ACCEPTED: Object = {
    "oneOf": [
        {
            "type": "object",
            "required": ["accepted"],
            "properties": {"accepted": {"type": "integer", "minimum": 0}},
        },
        {"type": "object", "required": ["success"], "properties": {"success": {"const": True}}},
    ]
}
_MALFORMED: Object = {
    "type": "object",
    "required": ["success", "errors"],
    "properties": {
        "success": {"const": False},
        "errors": {
            "type": "array",
            "maxItems": MAX_FAULTS,
            "items": {
                "type": "object",
                "required": ["line", "reason"],
                "properties": {"line": {"type": "integer", "minimum": 1}, "reason": {"type": "string"}},
            },
        },
    },
}
_SAMPLE = [
    {"sensor": "sensor1", "timestamp": "2021-11-08T21:38:09+00:00", "value": 2.1},
    {"sensor": "sensor0", "timestamp": "2021-11-09T21:38:09+01:00", "value": 3},
]
_POWER = (
    "1649941817 Voltage 1.34\n1649941818 Voltage 1.35\n1649941817 Current 12.0\n1649941818 Current 14.0\n"
)
_SENSOR = place("sensor", _NAME, "Its name, percent-encoded.", "sensor1")
_WHEN: Object = {"type": "string"}
_WHAT_TIMES_ARE = (
    "A day, `2022-04-12`, which is whole, or an instant, `2022-04-12T06:00:00Z`, which belongs to the range."
)


def _of_sensor(sensor: str) -> dict[str, Object]:
    """Say what can be done next with a sensor that the request or answer names there."""
    named = {"sensor": sensor}
    return {
        "statistics": link("get", "/statistics/{sensor}", parameters=named),
        "buckets": link("get", "/buckets/{sensor}", parameters={**named, "by": "day"}),
        "clear": link("delete", "/statistics/{sensor}", parameters=named),
    }


def _array(items: Object) -> Object:
    return {"type": "array", "items": items}


def _instants(*, required: bool) -> list[Object]:
    return [
        query("from", _WHEN, f"Begin. {_WHAT_TIMES_ARE}", required=required, example="2022-04-12"),
        query("to", _WHEN, f"End. {_WHAT_TIMES_ARE}", required=required, example="2022-04-14"),
    ]


ROOM = Room(
    "readings",
    "Readings of any sensor: their statistics (contract B), and power consumption (contract D), over one store.",
    {
        "/data": {
            "post": operation(
                "Store readings, all of them or none",
                {
                    "200": answer(
                        "Stored, and synced to the disk.",
                        json(_ACCEPTED),
                        links=_of_sensor("$request.body#/0/sensor"),
                    ),
                    "400": answer(
                        "Nothing is stored. JSON: the first bad element and its field are named, `[3].timestamp`. "
                        "Lines: those that are malformed.",
                        media("application/problem+json", reference("Problem")) | json(_MALFORMED),
                    ),
                }
                | problems(408, 413, 415, 422, 503),
                description=f"At most {MAX_READINGS} readings of {MAX_SENSORS} sensors. Two readings of one sensor "
                "and time are two readings.",
                security=token("write:B", "write:D"),
                parameters=[IDEMPOTENCY_KEY],
                body=body(
                    **json({"type": "array", "items": reference("Reading")}, two=_SAMPLE, none=[]),
                    **text(_LINES, lines=_POWER),
                ),
            ),
            "get": operation(
                "List the readings of a range, and the power of its days, by time",
                {
                    "200": answer(
                        "A stream; one that breaks off is not valid JSON.", json(_array(reference("Entry")))
                    )
                }
                | problems(400, 503),
                description="`Power` is, of each UTC day with readings of both in the range, the average of `Current` "
                "times that of `Voltage`, at the day's midnight.",
                security=token("read"),
                parameters=[
                    *_instants(required=True),
                    query("name", _NAME, "Only these readings; `Power` are the days' power, too."),
                ],
            ),
        },
        "/statistics/{sensor}": {
            "get": operation(
                "Give a sensor's statistics since they were last cleared",
                {
                    "200": answer(
                        "Of a sensor that is unknown or cleared: null, 0, 0.0.",
                        json(reference("SensorStatistics")),
                    )
                }
                | problems(400, 503),
                description="`last_measurement` is the latest of the times, in the offset it was posted with.",
                security=token("read"),
                parameters=[_SENSOR],
            ),
            "delete": operation(
                "Let a sensor's statistics start again at nothing",
                {
                    "204": answer(
                        "Done, whether there was such a sensor or not.",
                        links=_of_sensor("$request.path.sensor"),
                    )
                }
                | problems(400, 503),
                description="The readings stay for ranges, unless they are to be deleted, too.",
                security=token("write:B"),
                parameters=[
                    _SENSOR,
                    query(
                        "readings",
                        {"type": "string", "enum": ["true", "false", "True", "False", "1", "0"]},
                        "Delete the readings, too. In any case of letters.",
                    ),
                ],
            ),
        },
        "/buckets/{sensor}": {
            "get": operation(
                "Give a sensor's statistics by hour, day, month or year of a place",
                {"200": answer("The buckets that have readings.", json(reference("Buckets")))}
                | problems(400, 503),
                description=f"Of all readings that were not deleted, as far as they are in the range; at most "
                f"{MAX_BUCKETS} buckets. `complete` is false where an edge cuts an hour whose readings have expired.",
                security=token("read"),
                parameters=[
                    _SENSOR,
                    query(
                        "by",
                        {"type": "string", "enum": [*get_args(By)]},
                        "How long.",
                        required=True,
                        example="day",
                    ),
                    query(
                        "tz",
                        {"type": "string"},
                        "The place's time zone; the backend's if none is named.",
                        example="Europe/Oslo",
                    ),
                    *_instants(required=False),
                ],
            )
        },
        "/sensors": {
            "get": operation(
                "List the sensors by name",
                {
                    "200": answer(
                        "A page.",
                        json(_array(reference("ListedSensor"))),
                        {"Link": 'Where the next page is, if there is one: <…>; rel="next"'},
                        _of_sensor("$response.body#/0/name"),
                    )
                }
                | problems(400, 503),
                security=token("read"),
                parameters=[
                    limit(DEFAULT_LIMIT, MAX_LIMIT),
                    query("after", _NAME, "From the Link header: the name behind which the page begins."),
                ],
            )
        },
    },
    {"Reading": _READING} | schemas(Entry, SensorStatistics, Buckets, ListedSensor),
)
