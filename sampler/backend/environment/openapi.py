"""Contract E's data in the OpenAPI document."""

from typing import Any

from sampler.backend.environment.analysing import Correlation, Trend
from sampler.backend.environment.documents import MAX_ROWS, Row
from sampler.backend.environment.filters import DEFAULT_PER_PAGE, FIELDS, MAX_PAGE, MAX_PER_PAGE
from sampler.backend.environment.forecasts import DEFAULT_HOURS, MAX_HOURS, Forecast
from sampler.backend.environment.listing import RowPage, TallyPage
from sampler.backend.environment.tallies import BY, Tallies
from sampler.backend.web.names import MAX_SENSOR
from sampler.backend.web.openapi import (
    IDEMPOTENCY_KEY,
    LOGGED_IN,
    Object,
    Room,
    answer,
    body,
    json,
    link,
    operation,
    place,
    problems,
    query,
    reference,
    schemas,
)

_NAME: Object = {"type": "string", "minLength": 1, "maxLength": MAX_SENSOR}
_TIME: Object = {
    "type": "string",
    "format": "date-time",
    "description": "ISO 8601, 1970 to 2199; without an offset it is UTC.",
}
_ROW: Object = {
    "type": "object",
    "required": ["sensor_id", "timestamp", *FIELDS],
    "properties": {"sensor_id": _NAME, "timestamp": _TIME, **{field: {"type": "number"} for field in FIELDS}},
}
_CHANGES: Object = {"type": "object", "properties": _ROW["properties"]}
_EXAMPLE = {
    "sensor_id": "kitchen",
    "timestamp": "2022-01-05T10:00:00Z",
    "temperature": 21.5,
    "humidity": 40,
    "pressure": 1013.25,
}


def _period(name: str, words: str, **more: Any) -> Object:
    form = "A year, month or day (2022, 2022-01, 2022-01-05), or an ISO 8601 time."
    return query(name, {"type": "string"}, f"{words} {form}", **more)


_SENSOR = query("sensor_id", _NAME, "Only this sensor's rows.")
_RANGE = [
    _period("start_date", "From its begin on.", example="2022-01"),
    _period("end_date", "Up to its end.", example="2022-01"),
    _period("start_time", "The same as start_date."),
    _period("end_time", "The same as end_date."),
    query("tz", {"type": "string", "default": "UTC"}, "The time zone of what has no offset, and of buckets."),
]
_LIMITS = [
    query(f"{bound}_{field}", {"type": "number"}, f"{words} of {field}, included.")
    for field in FIELDS
    for bound, words in (("min", "The least"), ("max", "The most"))
]
_PAGES = [
    query("page", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}, "Which page."),
    query(
        "per_page",
        {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE, "default": DEFAULT_PER_PAGE},
        "How many on a page.",
    ),
]
_AGGREGATE = query(
    "aggregate", {"type": "string", "enum": [*BY]}, "Tally each sensor's rows by this instead."
)
_BY = query("by", {"type": "string", "enum": [*BY], "default": "day"}, "Of how much time each tally is.")
_HOURS = query(
    "hours",
    {"type": "integer", "minimum": 1, "maximum": MAX_HOURS, "default": DEFAULT_HOURS},
    "How many hours to come.",
)
_OF_SENSOR = query("sensor_id", _NAME, "Which sensor.", required=True, example="kitchen")


_PAGE: Object = {"anyOf": [reference("RowPage"), reference("TallyPage")]}


def _get(summary: str, of: Object, *parameters: Object, description: str = "") -> Object:
    return operation(
        summary,
        {"200": answer("What is stored at this moment.", json(of))} | problems(400, 503),
        security=LOGGED_IN,
        description=description,
        parameters=[*parameters, *_RANGE, *_LIMITS],
    )


def _next(row: str) -> dict[str, Object]:
    """Say what can be done next with the row that stands there in the answer."""
    sensor = f"{row}/sensor_id"
    return {
        "change": link("put", "/v1/data/{id}", parameters={"id": f"{row}/id"}),
        "list": link("get", "/v1/data/{id}", parameters={"id": sensor}),
        "aggregate": link("get", "/v1/data/aggregate", parameters={"sensor_id": sensor}),
        "trend": link("get", "/v1/analysis/trend", parameters={"sensor_id": sensor}),
        "correlation": link("get", "/v1/analysis/correlation", parameters={"sensor_id": sensor}),
        "forecast": link("get", "/v1/analysis/forecast", parameters={"sensor_id": sensor}),
    }


_POST = operation(
    "Store rows, all of them or none",
    {
        "201": answer(
            "The stored rows with their ids.",
            json({"type": "array", "items": reference("Row")}),
            links=_next("$response.body#/0"),
        )
    }
    | problems(400, 408, 413, 415, 422, 503),
    security=LOGGED_IN,
    description="Up to 64 MiB. More than 500 rows are stored as they arrive, between the requests of others, and are "
    "seen when all are there; a repetition under the same Idempotency-Key lists them as they are then.",
    parameters=[IDEMPOTENCY_KEY],
    body=body(
        **json({"type": "array", "items": reference("PostedRow"), "maxItems": MAX_ROWS}, one=[_EXAMPLE])
    ),
)
_PUT = operation(
    "Give a row other values, from the body or the query",
    {"200": answer("The row as it is now.", json(reference("Row")), links=_next("$response.body#"))}
    | problems(400, 404, 408, 413, 415, 503),
    security=LOGGED_IN,
    description="What is not named stays. Where both name a field, the body counts. Rows of others are unknown: 404.",
    parameters=[
        place("id", {"type": "integer", "minimum": 1}, "The row's number.", 1),
        *(query(name, schema, "Its new value.") for name, schema in _ROW["properties"].items()),
    ],
    body=body(**json(_CHANGES, pressure={"pressure": 0})) | {"required": False},
)
ROOM = Room(
    "environment",
    "What users' sensors measured (contract E). Users see their own rows only.",
    {
        "/v1/data": {
            "post": _POST,
            "get": _get("List rows, oldest first", _PAGE, _SENSOR, _AGGREGATE, *_PAGES),
        },
        "/v1/data/{id}": {
            "get": _get(
                "List the rows of one sensor",
                _PAGE,
                place("id", _NAME, "The sensor's sensor_id.", "kitchen"),
                _AGGREGATE,
                *_PAGES,
                description="A sensor called `aggregate` is found by `/v1/data?sensor_id=aggregate` only.",
            ),
            "put": _PUT,
        },
        "/v1/data/aggregate": {
            "get": _get("Count, min, max and mean of all rows", reference("Tallies"), _SENSOR, _BY)
        },
        "/v1/analysis/trend": {
            "get": _get("The slope of each field over time", reference("Trend"), _OF_SENSOR)
        },
        "/v1/analysis/correlation": {
            "get": _get("Pearson's r of each two fields", reference("Correlation"), _OF_SENSOR)
        },
        "/v1/analysis/forecast": {
            "get": _get(
                "The hourly means to be expected",
                reference("Forecast"),
                _OF_SENSOR,
                _HOURS,
                description="Of a straight line and the values of a day before, the method that was nearer to the last "
                "day, with its mean absolute error there. Learned from the last 28 days of the rows asked for.",
            )
        },
    },
    {"PostedRow": _ROW} | schemas(Row, RowPage, TallyPage, Tallies, Trend, Correlation, Forecast),
)
