"""What operators and their tools ask, in the OpenAPI document."""

from sampler.backend.web.openapi import (
    INSTANT,
    PUBLIC,
    Room,
    answer,
    json,
    operation,
    page,
    problems,
    query,
    reference,
    schemas,
    text,
    token,
)
from sampler.backend.web.receipts import DEFAULT_LIMIT, MAX_LIMIT, ListedReceipt

ROOM = Room(
    "operating",
    "How the backend is, and what it can be asked.",
    {
        "/healthz": {
            "get": operation(
                "Whether it can do its work: a commit reaches the disk now, and it is not about to stop",
                {"204": answer("It can.")} | problems(503),
                security=PUBLIC,
            )
        },
        "/livez": {
            "get": operation(
                "Whether it runs, whatever its store does", {"204": answer("It does.")}, security=PUBLIC
            )
        },
        "/metrics": {
            "get": operation(
                "Figures for Prometheus",
                {"200": answer("They.", text({"type": "string"}))} | problems(503),
                security=token("read"),
            )
        },
        "/receipts": {
            "get": operation(
                "List what was refused in [from, to), newest first",
                {
                    "200": answer(
                        "A page.",
                        json({"type": "array", "items": reference("ListedReceipt")}),
                        {"Link": 'Where the next page is, if there is one: <…>; rel="next"'},
                    )
                }
                | problems(400, 401, 403, 503),
                description="Each with the first KiB of its body, as far as it was read: what is refused by its "
                "headers alone is not. It wants an admin's token also where the backend is open, unless that "
                "listens on loopback only.",
                security=token("admin"),
                parameters=[
                    query("from", INSTANT, "The first instant.", example="2026-01-01T00:00:00Z"),
                    query("to", INSTANT, "The instant behind the last.", example="2027-01-01T00:00:00Z"),
                    query(
                        "endpoint",
                        {"type": "string"},
                        "Of this path only, as it is written in this document.",
                    ),
                    query(
                        "who",
                        {"type": "string"},
                        "Of `device NAME`, `customer 7`, `user 12` or `token NAME` only.",
                    ),
                    query(
                        "status",
                        {"type": "integer", "minimum": 400, "maximum": 499},
                        "With this status only.",
                    ),
                    *page("before", DEFAULT_LIMIT, MAX_LIMIT),
                ],
            )
        },
        "/openapi.json": {
            "get": operation(
                "This document", {"200": answer("OpenAPI 3.1.", json({"type": "object"}))}, security=PUBLIC
            )
        },
    },
    schemas(ListedReceipt),
)
