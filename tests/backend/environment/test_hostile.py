"""What nobody who means well sends, and the exact answer to each."""

import json
from typing import Any

import pytest

from tests.backend.environment.conftest import User
from tests.backend.environment.speaking import row

NUMBER = ["It must be a number."]
RANGE = ["It must lie between 1970 and 2200."]
ISO = ["It must be an ISO 8601 time such as 2021-04-12T20:20:20.000Z."]
PRINTABLE = ["It must have printable characters only."]
LENGTH = ["It must have 1 to 200 characters."]
DEEP = ["It must not be nested deeper than 32 levels."]
ROW = json.dumps(row()).encode()


def of(**changes: Any) -> bytes:
    return json.dumps([row(**changes)]).encode()


def raw(field: str, value: bytes) -> bytes:
    """A row with a value in a field that no JSON library writes."""
    return of(**{field: "HERE"}).replace(b'"HERE"', value)


POSTED: dict[str, tuple[bytes, dict[str, list[str]]]] = {
    "nothing": (b"", {"$": ["The body must be a JSON array."]}),
    "null": (b"null", {"$": ["The body must be a JSON array."]}),
    "an object": (ROW, {"$": ["The body must be a JSON array."]}),
    "UTF-16": ("[]".encode("utf-16"), {"$": ["The body must be a JSON array."]}),
    "no end": (b"[" + ROW, {"$": [f"The body must be JSON: the array has no end (byte {1 + len(ROW)})."]}),
    "two arrays": (b"[][]", {"$": ["The body must be JSON: trailing characters (byte 3)."]}),
    "a null in it": (b"[null]", {"[0]": ["Expected `object`, got `null`."]}),
    "an array in it": (b"[[]]", {"[0]": ["Expected `object`, got `array`."]}),
    "an empty object": (b"[{}]", {"[0].sensor_id": ["It is required."]}),
    "NaN": (raw("temperature", b"NaN"), {"$": ["The body must be JSON: invalid character (byte 82)."]}),
    "infinity": (
        raw("humidity", b"-Infinity"),
        {"$": ["The body must be JSON: invalid character (byte 101)."]},
    ),
    "a number beyond a double": (raw("pressure", b"1e309"), {"[0].pressure": ["Number out of range."]}),
    "a number of 10 000 digits": (raw("pressure", b"1" * 10_000), {"[0].pressure": ["Number out of range."]}),
    "a hexadecimal number": (
        raw("pressure", b"0x1"),
        {"$": ["The body must be JSON: expected ',' or '}' (byte 119)."]},
    ),
    "a number in a string": (of(temperature="21"), {"[0].temperature": ["Expected `float`, got `str`."]}),
    "a truth for a number": (of(temperature=True), {"[0].temperature": ["Expected `float`, got `bool`."]}),
    "a number for a name": (of(sensor_id=1), {"[0].sensor_id": ["Expected `str`, got `int`."]}),
    "a name of nothing": (of(sensor_id=""), {"[0].sensor_id": LENGTH}),
    "a name too long": (of(sensor_id="x" * 201), {"[0].sensor_id": LENGTH}),
    "a name with U+0000": (of(sensor_id="a\0b"), {"[0].sensor_id": PRINTABLE}),
    "a name with a line break": (of(sensor_id="a\nb"), {"[0].sensor_id": PRINTABLE}),
    "a name that turns the text around": (of(sensor_id="a\u202eb"), {"[0].sensor_id": PRINTABLE}),
    "half a character": (
        raw("sensor_id", b'"\\ud800"'),
        {"$": ["The body must be JSON: unexpected end of escaped utf-16 surrogate pair (byte 22)."]},
    ),
    "a byte that is no UTF-8": (
        raw("sensor_id", b'"\xff"'),
        {"$": ["The body must be JSON: it is not UTF-8 (byte 16)."]},
    ),
    "a time in words": (of(timestamp="now"), {"[0].timestamp": ISO}),
    "a time in seconds": (of(timestamp=1649941817), {"[0].timestamp": ["Expected `str`, got `int`."]}),
    "a day that is none": (
        of(timestamp="2022-02-30"),
        {"[0].timestamp": ["It is no date and time that exists: day is out of range for month."]},
    ),
    "a time before all times": (of(timestamp="1969-12-31T23:59:59Z"), {"[0].timestamp": RANGE}),
    "a time after all times": (of(timestamp="2200-01-01"), {"[0].timestamp": RANGE}),
    "the year 10 000": (of(timestamp="10000-01-01"), {"[0].timestamp": ISO}),
    "digits of another script": (of(timestamp="\uff12022-01-01"), {"[0].timestamp": ISO}),
    "a field twice": (raw("pressure", b'1,"pressure":2'), {"[0].pressure": ["It is there twice."]}),
    "33 levels": (raw("pressure", b'1,"more":' + b"[" * 31 + b"]" * 31), {"[0]": DEEP}),
    "a million levels": (b"[" * 1_000_000, {"$": DEEP}),
    "an element of a mebibyte": (
        of(more="x" * 2**20),
        {"[0]": ["It must be an object of at most 65536 bytes."]},
    ),
    "a million closing braces": (
        b"[" + b"}" * 1_000_000,
        {"$": ["The body must be JSON: invalid character (byte 1)."]},
    ),
}


@pytest.mark.parametrize(("body", "errors"), POSTED.values(), ids=POSTED)
def test_a_body_that_is_refused_stores_nothing(ada: User, body: bytes, errors: dict[str, list[str]]) -> None:
    answer = ada.post(body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == errors
    assert ada.found()["pagination"]["total"] == 0


ASKED: dict[str, dict[str, list[str]]] = {
    "page=0": {"page": ["It must be a whole number from 1 to 1000000000."]},
    "page=-1": {"page": ["It must be a whole number from 1 to 1000000000."]},
    "page=1e3": {"page": ["It must be a whole number from 1 to 1000000000."]},
    "page=99999999999999999999999999": {"page": ["It must be a whole number from 1 to 1000000000."]},
    "page=%D9%A1": {"page": ["It must be a whole number from 1 to 1000000000."]},
    "page=1&page=2": {"page": ["It is there twice."]},
    "per_page=1001": {"per_page": ["It must be a whole number from 1 to 1000."]},
    "per_page=": {"per_page": ["It must be a whole number from 1 to 1000."]},
    "min_temperature=nan": {"min_temperature": NUMBER},
    "max_humidity=inf": {"max_humidity": NUMBER},
    "max_humidity=1e999": {"max_humidity": ["It is too large a number."]},
    "min_pressure=1_0": {"min_pressure": NUMBER},
    "min_pressure=2&max_pressure=1": {"max_pressure": ["It must not be less than min_pressure."]},
    "min_pressure=" + "1" * 5000: {"min_pressure": NUMBER},
    "start_date=2022-13": {"start_date": ["It is no date and time that exists: month must be in 1..12."]},
    "start_date=1969": {"start_date": RANGE},
    "end_date=2200": {"end_date": RANGE},
    "end_date=2022-1": {"end_date": ISO},
    "end_date=tomorrow": {"end_date": ISO},
    "start_date=2022-02&end_time=2022-01": {"end_time": ["It must not be before the start."]},
    "end_date=2022&end_time=2022": {"end_time": ["It means the same as end_date: give one of them."]},
    "tz=Europe/Atlantis": {
        "tz": ["It must be a time zone of the IANA database, such as Europe/Oslo or UTC."]
    },
    "tz=../../etc/passwd": {
        "tz": ["It must be a time zone of the IANA database, such as Europe/Oslo or UTC."]
    },
    "aggregate=weekly": {
        "aggregate": ["It must be one of hourly, daily, monthly, yearly, hour, day, month, year."]
    },
    "sensor_id=": {"sensor_id": LENGTH},
    "sensor_id=%00": {"sensor_id": PRINTABLE},
}


@pytest.mark.parametrize(("query", "errors"), ASKED.items(), ids=[query[:40] for query in ASKED])
def test_a_question_that_makes_no_sense_is_answered_400(
    ada: User, query: str, errors: dict[str, list[str]]
) -> None:
    for path in ("/v1/data/", "/v1/data/kitchen") if "sensor_id" not in query else ("/v1/data/",):
        answer = ada.client.get(f"{path}?{query}", headers=ada.headers)

        assert (answer.status_code, answer.json()["errors"]) == (400, errors)


CHANGED: dict[str, tuple[bytes, dict[str, list[str]]]] = {
    "an array": (b"[]", {"$": ["Expected `object`, got `array`."]}),
    "two objects": (b'{"humidity":1},{"humidity":2}', {"$": ["The body must be one JSON object."]}),
    "an object and a null": (b'{"humidity":1},null', {"$": ["The body must be one JSON object."]}),
    "no JSON": (b"humidity=1", {"$": ["The body must be JSON: invalid character (byte 0)."]}),
    "a null": (b'{"humidity":null}', {"humidity": ["Expected `float`, got `null`."]}),
    "NaN": (b'{"humidity":NaN}', {"$": ["The body must be JSON: invalid character (byte 12)."]}),
    "a name of U+0000": (b'{"sensor_id":"\\u0000"}', {"sensor_id": PRINTABLE}),
    "a field twice": (b'{"humidity":1,"humidity":2}', {"humidity": ["It is there twice."]}),
    "too deep": (b'{"humidity":1,"x":' + b"[" * 40 + b"]" * 40 + b"}", {"$": DEEP}),
}


@pytest.mark.parametrize(("body", "errors"), CHANGED.values(), ids=CHANGED)
def test_a_change_that_makes_no_sense_is_answered_400(
    ada: User, body: bytes, errors: dict[str, list[str]]
) -> None:
    (stored,) = ada.post([row()]).json()
    headers = ada.headers | {"Content-Type": "application/json"}

    answer = ada.client.put(f"/v1/data/{stored['id']}", content=body, headers=headers)

    assert (answer.status_code, answer.json()["errors"]) == (400, errors)
    assert ada.found()["data"] == [stored]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Idempotency-Key": ""}, 400),
        ({"Idempotency-Key": "k" * 201}, 400),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer a.b.c"}, 401),
        ({"Authorization": "Basic YTpi"}, 401),
    ],
)
def test_headers_that_make_no_sense_are_refused(ada: User, headers: dict[str, str], status: int) -> None:
    assert ada.post(b"[" + ROW + b"]", **headers).status_code == status
    assert ada.found()["pagination"]["total"] == 0


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/v1/data/1"), ("POST", "/v1/data/1"), ("PUT", "/v1/data/")]
)
def test_what_is_not_offered_is_answered_405(ada: User, method: str, path: str) -> None:
    assert ada.client.request(method, path, headers=ada.headers).status_code == 405
