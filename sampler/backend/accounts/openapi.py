"""The endpoints under /auth in the OpenAPI document."""

from sampler.backend.accounts.desk import Registered
from sampler.backend.accounts.documents import MAX_EMAIL, MAX_PASSWORD_BYTES, MAX_USERNAME, MIN_PASSWORD
from sampler.backend.web.openapi import (
    IDEMPOTENCY_KEY,
    PUBLIC,
    Object,
    Room,
    answer,
    body,
    json,
    link,
    operation,
    problems,
    reference,
    schemas,
)

_EMAIL: Object = {"type": "string", "format": "email", "maxLength": MAX_EMAIL}
_PASSWORD: Object = {
    "type": "string",
    "format": "password",
    "maxLength": MAX_PASSWORD_BYTES,
    "description": f"At most {MAX_PASSWORD_BYTES} bytes in UTF-8.",
}
_REGISTRATION: Object = {
    "type": "object",
    "required": ["username", "email", "password"],
    "properties": {
        "username": {"type": "string", "minLength": 1, "maxLength": MAX_USERNAME},
        "email": _EMAIL,
        "password": _PASSWORD | {"minLength": MIN_PASSWORD},
    },
}
_LOGIN: Object = {
    "type": "object",
    "required": ["email", "password"],
    "properties": {"email": _EMAIL, "password": _PASSWORD},
}
_TOKENS: Object = {
    "type": "object",
    "required": ["access_token", "refresh_token"],
    "properties": {
        "access_token": {"type": "string", "description": "A JWT that opens /v1 for 15 minutes."},
        "refresh_token": {
            "type": "string",
            "description": "A JWT for POST /auth/refresh, once, within 30 days.",
        },
    },
}
_REFRESH: Object = {
    "type": "object",
    "required": ["refresh_token"],
    "properties": {"refresh_token": {"type": "string"}},
}
_ADA = {"email": "ada@example.com", "password": "correct horse"}
_REFRESH_TOKEN = {"refresh_token": "$response.body#/refresh_token"}
_NEXT = {what: link("post", f"/auth/{what}", body=_REFRESH_TOKEN) for what in ("refresh", "logout")}
_PAIR = answer("The tokens.", json(reference("Tokens")), {"Cache-Control": "no-store"}, _NEXT)
_LOG_IN = link("post", "/auth/login", body={name: f"$request.body#/{name}" for name in ("email", "password")})
_ONE = body(**json(reference("RefreshToken"), one={"refresh_token": "that of the answer before"}))

ROOM = Room(
    "accounts",
    "Users and their logins (contract E). An Idempotency-Key is ignored where answers hold tokens: none is kept.",
    {
        "/auth/register": {
            "post": operation(
                "Register a user",
                {"201": answer("Registered.", json(reference("Registered")), links={"login": _LOG_IN})}
                | problems(400, 408, 409, 413, 415, 422, 503),
                security=PUBLIC,
                parameters=[IDEMPOTENCY_KEY],
                body=body(**json(reference("Registration"), ada={"username": "Ada", **_ADA})),
            )
        },
        "/auth/login": {
            "post": operation(
                "Log in",
                {"200": _PAIR} | problems(400, 401, 408, 413, 415, 422, 429, 503),
                security=PUBLIC,
                body=body(**json(reference("Login"), ada=_ADA)),
            )
        },
        "/auth/refresh": {
            "post": operation(
                "Change a refresh token for the next tokens",
                {"200": _PAIR} | problems(400, 401, 408, 413, 415, 422, 503),
                security=PUBLIC,
                description="One that was changed before ends its session: somebody else has a copy. "
                "For 10 seconds it gives the same next one, to a client that lost the answer.",
                body=_ONE,
            )
        },
        "/auth/logout": {
            "post": operation(
                "End the session of a refresh token",
                {"204": answer("It has ended, now or before.")} | problems(400, 401, 408, 413, 415, 422, 503),
                security=PUBLIC,
                body=_ONE,
            )
        },
    },
    {"Registration": _REGISTRATION, "Login": _LOGIN, "Tokens": _TOKENS, "RefreshToken": _REFRESH}
    | schemas(Registered),
)
