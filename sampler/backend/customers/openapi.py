"""Contract C in the OpenAPI document."""

from sampler.backend.customers import naming
from sampler.backend.web.openapi import (
    IDEMPOTENCY_KEY,
    Object,
    Room,
    answer,
    body,
    header,
    json,
    link,
    operation,
    problems,
    query,
    reference,
    token,
)

_INTEGER: Object = {"type": "integer", "format": "int64"}
_COUNT: Object = {"type": "integer", "minimum": 0}
_COUNTS: Object = {
    "type": "object",
    "required": ["total_requests", "invalid_requests"],
    "properties": {
        "total_requests": _COUNT | {"description": "All: the valid and the invalid ones."},
        "invalid_requests": _COUNT,
        "customer_id": {"type": "string", "description": "Where one customer was asked for."},
    },
}
_REQUEST: Object = {
    "type": "object",
    "required": ["customerID", "tagID", "userID", "remoteIP", "timestamp"],
    "properties": {
        "customerID": _INTEGER,
        "tagID": _INTEGER,
        "userID": {"type": "string"},
        "remoteIP": {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
        "timestamp": {
            "type": "integer",
            "minimum": 0,
            "exclusiveMaximum": 7258118400,
            "description": "Seconds since 1970.",
        },
    },
}
_EXAMPLE: Object = {
    "customerID": 1,
    "tagID": 2,
    "userID": "aaaaaaaa-bbbb-cccc-1111-222222222222",
    "remoteIP": "123.234.56.78",
    "timestamp": 1500000000,
}
_PUBLISHED, *_OTHERS = naming.HEADERS
_BY_NAME: Object = {"type": "object", "additionalProperties": reference("CustomerCounts")}
_CUSTOMER: Object = {"type": "string", "pattern": "^-?[0-9]{1,100}$"}


_NAMED = {"customer_id": "$request.body#/customerID"}


def _between(least: int, most: int) -> Object:
    return {"type": "integer", "minimum": least, "maximum": most}


ROOM = Room(
    "customers",
    "Customers' requests, judged and counted (contract C). The examples need the customers of "
    "`sampler backend customers load-sample`.",
    {
        "/": {
            "post": operation(
                "Take a customer's request",
                {
                    "200": answer(
                        "Valid, counted for the customer named in the header, and that is on the disk. A refusal "
                        "with a `reason`, other than 401 and 404, is counted, too.",
                        json({"type": "object", "properties": {"valid": {"const": True}}}),
                        links={"count": link("get", "/customerStats", parameters=_NAMED)},
                    )
                }
                | problems(400, 401, 403, 404, 408, 413, 422, 503),
                description="Refused, with the first `reason` that applies: 401 no-customer, 404 unknown-customer, "
                "400 broken-body (or 413 too-large), 403 other-customer, 403 inactive-customer, 400 no-address, "
                "403 blacklisted-address, 403 blacklisted-agent. The first two count for nobody. The Content-Type "
                "is not looked at.",
                security=token("write:C"),
                parameters=[
                    header(
                        _PUBLISHED,
                        _CUSTOMER,
                        f"The customer; {' and '.join(_OTHERS)} mean the same, for proxies that drop names with _.",
                        example="1",
                    ),
                    *(header(name, _CUSTOMER, f"The same as {_PUBLISHED}.") for name in _OTHERS),
                    IDEMPOTENCY_KEY,
                ],
                body=body(**json(reference("CustomerRequest"), one=_EXAMPLE)),
            )
        },
        "/stats": {
            "get": operation(
                "Count the requests of a UTC day",
                {
                    "200": answer(
                        "By `customer_1` and so on, and `total_number`; of one customer, by the date.",
                        json(_BY_NAME),
                    )
                }
                | problems(400, 404, 503),
                security=token("read"),
                parameters=[
                    query("day", _between(1, 31), "Of a date that there is.", required=True, example=13),
                    query("month", _between(1, 12), "Of a date that there is.", required=True, example=3),
                    query("year", _between(1, 9999), "Of a date that there is.", required=True, example=2022),
                    query("customer_id", _INTEGER, "Only this customer's."),
                ],
            )
        },
        "/customerStats": {
            "get": operation(
                "Count a customer's requests by the UTC hour",
                {
                    "200": answer(
                        "By the hours in which there were any, `2022-03-13T20:00:00Z`.", json(_BY_NAME)
                    )
                }
                | problems(400, 404, 503),
                security=token("read"),
                parameters=[query("customer_id", _INTEGER, "The customer.", required=True, example=1)],
            )
        },
    },
    {"CustomerRequest": _REQUEST, "CustomerCounts": _COUNTS},
)
