"""What operators and their tools ask, in the OpenAPI document."""

from sampler.backend.web.openapi import PUBLIC, Room, answer, json, operation, problems

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
        "/openapi.json": {
            "get": operation(
                "This document", {"200": answer("OpenAPI 3.1.", json({"type": "object"}))}, security=PUBLIC
            )
        },
    },
)
