"""What must not be stored, each with its answer to the letter; after each, nothing is stored and service goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend.app import opened
from sampler.backend.settings import Settings
from tests.backend.readings.speaking import JSON, TEXT, Client, post, reading

NO_ARRAY = {"$": ["The body must be a JSON array."]}
NO_TIME = ["It must be an ISO 8601 time such as 2021-04-12T20:20:20.000Z."]
OUT_OF_RANGE = ["It must lie between 1970 and 2200."]
UNPRINTABLE = ["It must have printable characters only."]
TOO_LONG = ["It must have 1 to 200 characters."]
ONLY_SLASHES = ["It must not consist of slashes only."]
TOO_DEEP = ["It must not be nested deeper than 32 levels."]
RAW = '[{"sensor":"s","timestamp":"2021-11-09","value":1}]'


def broken(words: str) -> dict[str, list[str]]:
    return {"$": [f"The body must be JSON: {words}."]}


BODIES: list[tuple[str | bytes, dict[str, list[str]]]] = [
    ("", NO_ARRAY),
    ("null", NO_ARRAY),
    ("{}", NO_ARRAY),
    ('"x"', NO_ARRAY),
    ("[1]", {"[0]": ["Expected `object`, got `int`."]}),
    ("[[]]", {"[0]": ["Expected `object`, got `array`."]}),
    ("[null]", {"[0]": ["Expected `object`, got `null`."]}),
    ("[{}]", {"[0].sensor": ["It is required."]}),
    (RAW.replace('"value"', '"Value"'), {"[0].value": ["It is required."]}),
    (RAW.replace("1}", "1,}"), broken("trailing comma in object (byte 50)")),
    (RAW[:-1] + ",]", broken("trailing comma in array (byte 51)")),
    (RAW[:-1], broken("the array has no end (byte 50)")),
    (RAW + " x", broken("the array has no end (byte 53)")),
    (RAW.replace("1}", "01}"), broken("invalid number (byte 49)")),
    (RAW.replace("1}", "NaN}"), broken("invalid character (byte 48)")),
    (RAW.replace("1}", "-Infinity}"), broken("invalid character (byte 49)")),
    (b"[\xff]", broken("invalid character (byte 1)")),
    (RAW.replace('"s"', '"\\ud800"'), broken("unexpected end of escaped utf-16 surrogate pair (byte 18)")),
    (RAW.encode().replace(b'"s"', b'"\xff"'), broken("it is not UTF-8 (byte 12)")),
    ("[" * 100_000, {"$": TOO_DEEP}),
    (RAW.replace("1}", '1,"x":' + "[" * 31 + "]" * 31 + "}"), {"[0]": TOO_DEEP}),
    (RAW.replace("1}", '1,"value":2}'), {"[0].value": ["It is there twice."]}),
    (RAW.replace("1}", "1e400}"), {"[0].value": ["Number out of range."]}),
    (RAW.replace("1}", f"1{'0' * 400}}}"), {"[0].value": ["Number out of range."]}),
]
FIELDS: list[tuple[str, Any, list[str]]] = [
    ("sensor", "", TOO_LONG),
    ("sensor", "x" * 201, TOO_LONG),
    ("sensor", "a\x00b", UNPRINTABLE),
    ("sensor", "a\nb", UNPRINTABLE),
    ("sensor", "\u202e", UNPRINTABLE),
    ("sensor", "/", ONLY_SLASHES),
    ("sensor", "//", ONLY_SLASHES),
    ("sensor", None, ["Expected `str`, got `null`."]),
    ("sensor", 1, ["Expected `str`, got `int`."]),
    ("timestamp", "", NO_TIME),
    ("timestamp", "yesterday", NO_TIME),
    ("timestamp", 1636493889, ["Expected `str`, got `int`."]),
    ("timestamp", "20211109T213809Z", NO_TIME),
    ("timestamp", "2021-11-09T21:38:09Z\n", NO_TIME),
    ("timestamp", "2021-11-09T21:38:09+2", NO_TIME),
    ("timestamp", "2021-11-09T21:38:09+24:00", NO_TIME),
    ("timestamp", "2021-11-09T21:38:09.", NO_TIME),
    ("timestamp", "2021-11-09T21:38:09 UTC", NO_TIME),
    ("timestamp", "\u0662\u0660\u0662\u0661-11-09", NO_TIME),
    ("timestamp", "2021-11-09T25:00:00Z", ["It is no date and time that exists: hour must be in 0..23."]),
    ("timestamp", "2021-11-09T21:38:60Z", ["It is no date and time that exists: second 60."]),
    ("timestamp", "2021-02-30", ["It is no date and time that exists: day is out of range for month."]),
    ("timestamp", "0000-01-01", ["It is no date and time that exists: year 0 is out of range."]),
    ("timestamp", "0001-01-01T00:00:00+14:00", OUT_OF_RANGE),
    ("timestamp", "1969-12-31T23:59:59.9999999Z", OUT_OF_RANGE),
    ("timestamp", "1970-01-01T00:00:00+00:01", OUT_OF_RANGE),
    ("timestamp", "2200-01-01T00:00:00Z", OUT_OF_RANGE),
    ("value", "1", ["Expected `float`, got `str`."]),
    ("value", True, ["Expected `float`, got `bool`."]),
    ("value", None, ["Expected `float`, got `null`."]),
    ("value", [1], ["Expected `float`, got `array`."]),
]
NO_LINE = "the line must be <unix seconds> <name> <value>"
NO_SECONDS = "the time must be unix seconds"
NO_NUMBER = "the value must be a number"
LINES: list[tuple[str | bytes, int, str]] = [
    ("\n\n", 1, NO_LINE),
    ("1 a 1\n\n2 a 1\n", 2, NO_LINE),
    ("1 a", 1, NO_LINE),
    ("1 a 1 1", 1, NO_LINE),
    ("1 a 1\r2 a 1", 1, NO_LINE),
    ("-1 a 1", 1, NO_SECONDS),
    ("1e3 a 1", 1, NO_SECONDS),
    ("9" * 4000 + " a 1", 1, NO_SECONDS),
    ("\u0663 a 1", 1, NO_SECONDS),
    ("7258118400 a 1", 1, "the time must lie between 1970 and 2200"),
    ("1 a nan", 1, NO_NUMBER),
    ("1 a -inf", 1, NO_NUMBER),
    ("1 a 1_000", 1, NO_NUMBER),
    ("1 a 0x10", 1, NO_NUMBER),
    ("1 a 1,5", 1, NO_NUMBER),
    ("1 a .", 1, NO_NUMBER),
    ("1 a \u0661", 1, NO_NUMBER),
    ("1 a 1e400", 1, "the value must be finite"),
    ("1 a " + "9" * 5000, 1, "the value must be finite"),
    (b"1 \xff 1", 1, "the name is not UTF-8"),
    (b"1 a\x00b 1", 1, "the name must have printable characters only"),
    ("1 " + "x" * 201 + " 1", 1, "the name must have 1 to 200 characters"),
    ("1 / 1", 1, "the name must not consist of slashes only"),
]
MEDIA_TYPES = [
    None,
    "application/xml",
    "application/x-www-form-urlencoded",
    "text/html",
    "nonsense",
    "text/csv",
]
ADDRESSES: list[tuple[str, dict[str, list[str]]]] = [
    ("/statistics/%FF", {"sensor": ["It must be UTF-8, percent-encoded."]}),
    ("/statistics/%00", {"sensor": UNPRINTABLE}),
    ("/statistics/%E2%80%AE", {"sensor": UNPRINTABLE}),
    (f"/statistics/{'x' * 201}", {"sensor": TOO_LONG}),
    ("/data", {"from": ["It is required."]}),
    ("/data?from=2021-11-09", {"to": ["It is required."]}),
    ("/data?from=&to=", {"from": NO_TIME}),
    ("/data?from=2021-11-09&to=now", {"to": NO_TIME}),
    ("/data?from=2021-11-09&to=2200-01-01", {"to": OUT_OF_RANGE}),
    ("/data?from=2021-11-09&to=2021-11-08", {"to": ["It must not be before from."]}),
    ("/data?from=2021-11-09&to=2021-11-09&name=", {"name": TOO_LONG}),
    ("/data?from=2021-11-09&to=2021-11-09&name=%00", {"name": UNPRINTABLE}),
    ("/buckets/s", {"by": ["It is required."]}),
    ("/buckets/s?by=week", {"by": ["It must be one of hour, day, month, year."]}),
    (
        "/buckets/s?by=day&tz=../../etc/passwd",
        {"tz": ["It must be a time zone of the IANA database, such as Europe/Oslo or UTC."]},
    ),
    ("/buckets/s?by=day&from=2021-11-10&to=2021-11-09", {"to": ["It must not be before from."]}),
    ("/sensors?limit=0", {"limit": ["Expected `int` >= 1"]}),
    ("/sensors?limit=1001", {"limit": ["Expected `int` <= 1000"]}),
    ("/sensors?limit=ten", {"limit": ["Expected `int`, got `str`"]}),
    ("/sensors?after=%00", {"after": UNPRINTABLE}),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One for all, as nothing is to be stored."""
    folder = tmp_path_factory.mktemp("hostile")
    settings = Settings(database=f"sqlite:///{folder / 'backend.db'}", key_file=folder / "key")
    with opened(settings) as app, TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(("body", "errors"), BODIES)
def test_a_body_that_is_no_array_of_readings_is_refused(
    client: Client, body: str | bytes, errors: dict[str, list[str]]
) -> None:
    answer = client.post("/data", content=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == errors
    assert nothing_is_stored_and_service_goes_on(client)


@pytest.mark.parametrize(("field", "value", "words"), FIELDS)
def test_a_bad_field_is_named_with_its_index(
    client: Client, field: str, value: object, words: list[str]
) -> None:
    answer = post(client, reading(), reading(), reading(**{field: value}), reading())

    assert answer.status_code == 400
    assert answer.json()["errors"] == {f"[2].{field}": words}
    assert nothing_is_stored_and_service_goes_on(client)


@pytest.mark.parametrize(("lines", "line", "reason"), LINES)
def test_a_malformed_line_is_named_with_its_number(
    client: Client, lines: str | bytes, line: int, reason: str
) -> None:
    answer = client.post("/data", content=lines, headers=TEXT)

    assert answer.status_code == 400
    told = answer.json()
    assert told["success"] is False
    assert told["errors"][0] == {"line": line, "reason": reason}
    assert nothing_is_stored_and_service_goes_on(client)


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_another_media_type_is_refused(client: Client, media_type: str | None) -> None:
    answer = client.post("/data", content="[]", headers={"Content-Type": media_type} if media_type else {})

    assert answer.status_code == 415
    assert answer.json()["detail"] == "The Content-Type must be application/json or text/plain."


def test_another_charset_is_refused(client: Client) -> None:
    answer = client.post("/data", content="1 a 1", headers={"Content-Type": "text/plain; charset=iso-8859-1"})

    assert (answer.status_code, answer.json()["detail"]) == (415, "The charset must be UTF-8.")


@pytest.mark.parametrize(("address", "errors"), ADDRESSES)
def test_an_address_that_asks_for_what_cannot_be_is_refused(
    client: Client, address: str, errors: dict[str, list[str]]
) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer.json()["errors"]) == (400, errors)


def test_a_hundred_malformed_lines_are_named_and_no_more(client: Client) -> None:
    answer = client.post("/data", content="x\n" * 5000, headers=TEXT)

    assert answer.json()["errors"] == [{"line": line, "reason": NO_LINE} for line in range(1, 101)]


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    for headers in (JSON, TEXT):
        answer = client.post("/data", content=b" " * (10 * 1024 * 1024 + 1), headers=headers)

        assert answer.status_code == 413
    assert nothing_is_stored_and_service_goes_on(client)


def test_too_many_sensors_in_a_request_are_refused(client: Client) -> None:
    few = [f"1 {name} 1" for name in range(10_000)]

    answer = client.post("/data", content="\n".join([*few, "1 more 1"]), headers=TEXT)
    many = client.post(
        "/data", content=json.dumps([reading(sensor=f"{n}") for n in range(10_001)]), headers=JSON
    )

    words = "is one too many: a request may name 10000 sensors"
    assert answer.json()["errors"] == [{"line": 10_001, "reason": f"the name {words}"}]
    assert many.json()["errors"] == {"[10000].sensor": [f"It {words}."]}
    assert nothing_is_stored_and_service_goes_on(client)


def nothing_is_stored_and_service_goes_on(client: Client) -> bool:
    return client.get("/sensors").json() == [] and post(client).json() == {"accepted": 0}
