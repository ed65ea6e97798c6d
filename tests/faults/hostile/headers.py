"""Headers that say too much, twice, or what they must not."""

from tests.faults.hostile.framing import NO_HTTP, TOO_LONG
from tests.faults.hostile.speaking import END, ON, USER, Case, get, post

LIVES = ("204", ON)
OK = ('200 {"accepted":0}', ON)
NO_TYPE = ("415 The Content-Type must be application/json or text/plain.", ON)
NO_BEARER = ("401 It needs Authorization: Bearer and the access_token of a login.", ON)
NO_TOKEN = ("401 No access for this token: the token is not valid.", ON)
NO_KEY = ("400 Idempotency-Key: The key must have 1 to 200 printable ASCII characters.", ON)
NO_DEVICE = ("400 X-Device: The name must be percent-encoded UTF-8.", ON)


def typed(kind: bytes) -> bytes:
    return post(b"/data", b"[]", kind=kind)


def signed(token: bytes) -> bytes:
    return get(b"/v1/data", b"Authorization: " + token)


def keyed(key: bytes) -> bytes:
    return post(b"/data", b"[]", b"Idempotency-Key: " + key)


def of_device(name: bytes) -> bytes:
    return post(b"/api/temperature/missing", b"[]", b"X-Device: " + name)


def compressed(coding: bytes) -> bytes:
    return post(b"/data", b"\x1f\x8b" + bytes(1000), b"Content-Encoding: " + coding)


CASES: dict[str, Case] = {
    "no colon": (get(b"/livez", b"nonsense"), NO_HTTP),
    "no name": (get(b"/livez", b": x"), NO_HTTP),
    "a space before the colon": (get(b"/livez", b"X : y"), NO_HTTP),
    "a space before the name": (get(b"/livez", b" X: y"), NO_HTTP),
    "a NUL in the name": (get(b"/livez", b"X\0Y: z"), NO_HTTP),
    "a NUL in the value": (get(b"/livez", b"X: y\0z"), NO_HTTP),
    "a carriage return in the value": (get(b"/livez", b"X: y\rZ: a"), NO_HTTP),
    "a line feed in the value": (get(b"/livez", b"X: y\nnonsense"), NO_HTTP),
    "a value on two lines": (get(b"/livez", b"X: y\r\n z"), NO_HTTP),
    "a name of bytes that are no ASCII": (get(b"/livez", "\u00e9: x".encode()), NO_HTTP),
    "a name of signs": (get(b"/livez", b"!#$%&'*+-.^_`|~: x"), LIVES),
    "a value of bytes that are no ASCII": (get(b"/livez", b"X: \xff\xfe\x80"), LIVES),
    "a hundred thousand": (get(b"/livez", *[b"X: y"] * 100_000), TOO_LONG),
    "a name of a mebibyte": (get(b"/livez", b"X" * 2**20 + b": y"), TOO_LONG),
    "a value of a mebibyte": (get(b"/livez", b"X: " + b"y" * 2**20), TOO_LONG),
    "a cookie of 60 000 bytes": (get(b"/livez", b"Cookie: a=" + b"b" * 60_000), LIVES),
    "HTTP/2 offered": (get(b"/livez", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"), LIVES),
    "HTTP/2 offered with a body": (
        post(
            b"/data",
            b"[]",
            b"Connection: Upgrade, HTTP2-Settings",
            b"Upgrade: h2c",
            b"HTTP2-Settings: AAMAAABk",
        ),
        OK,
    ),
    "a WebSocket": (
        get(b"/livez", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"),
        LIVES,
    ),
    "a WebSocket to what is not there": (
        get(b"/ws", b"Connection: Upgrade", b"Upgrade: websocket"),
        ("404 Not Found", ON),
    ),
    "the connection said to be closed and kept": (
        get(b"/livez", b"Connection: close", b"Connection: keep-alive"),
        ("204", END),
    ),
    "a part asked for": (get(b"/livez", b"Range: bytes=0-1"), LIVES),
    "ten thousand parts asked for": (get(b"/docs", b"Range: bytes=" + b"0-0," * 10_000), ("200", ON)),
    "only what is new": (get(b"/sensors", b"If-None-Match: *", b"If-Modified-Since: 0"), ("200 []", ON)),
    "only pictures accepted": (get(b"/sensors", b"Accept: image/png"), ("200 []", ON)),
    "only compressed answers accepted": (
        get(b"/sensors", b"Accept-Encoding: gzip, identity;q=0"),
        ("200 []", ON),
    ),
    "an accept of nonsense": (get(b"/sensors", b"Accept: ;;;q=,,/"), ("200 []", ON)),
    "another method in a header": (get(b"/sensors", b"X-HTTP-Method-Override: DELETE"), ("200 []", ON)),
    "another address in a header": (get(b"/livez", b"X-Original-URL: /receipts", b"X-Rewrite-URL: /"), LIVES),
    "somebody else in a header": (
        get(b"/livez", b"X-Forwarded-For: 1.2.3.4", b"Forwarded: for=1.2.3.4"),
        LIVES,
    ),
    "a compressed body": (compressed(b"gzip"), ("415 The body must not be compressed.", ON)),
    "a body of a coding that nobody knows": (compressed(b"x"), ("415 The body must not be compressed.", ON)),
    "a body compressed twice": (compressed(b"gzip, gzip"), ("415 The body must not be compressed.", ON)),
    "no kind": (get(b"/data", b"Content-Length: 2", method=b"POST") + b"[]", NO_TYPE),
    "an empty kind": (typed(b""), NO_TYPE),
    "a kind of nonsense": (typed(b";;;=\xff"), NO_TYPE),
    "a kind of a form": (typed(b"application/x-www-form-urlencoded"), NO_TYPE),
    "a kind of many parts": (typed(b"multipart/form-data; boundary=" + b"x" * 1000), NO_TYPE),
    "two kinds in a line": (typed(b"application/json, text/plain"), NO_TYPE),
    "a kind in capitals": (typed(b"APPLICATION/JSON"), OK),
    "a kind with parameters": (typed(b'application/json; charset="utf-8"; q=1;;'), OK),
    "lines in another alphabet": (
        typed(b"text/plain; charset=utf-16"),
        ("415 The charset must be UTF-8.", ON),
    ),
    "lines in an alphabet that is none": (typed(b"text/plain; charset=\0x"), NO_HTTP),
    "an empty key": (keyed(b""), NO_KEY),
    "a key of strange bytes": (keyed(b"\xc3\xa9"), NO_KEY),
    "a key with a tab": (keyed(b"a\tb"), NO_KEY),
    "a key too long": (keyed(b"k" * 201), NO_KEY),
    "a key that is a statement": (keyed(b"' OR 1=1 --"), OK),
    "two keys": (post(b"/data", b"[]", b"Idempotency-Key: a", b"Idempotency-Key: b"), OK),
    "more keys than measurements": (
        post(b"/api/temperature/missing", b"[]", b"Idempotency-Key: a,b"),
        ("400 Idempotency-Key: There must be one key for each measurement: 2 for 0.", ON),
    ),
    "a device of bytes that are no ASCII": (of_device(b"\xc3\xa9"), NO_DEVICE),
    "a device of bytes that are no UTF-8": (of_device(b"%ff"), NO_DEVICE),
    "a device with a NUL": (
        of_device(b"a%00"),
        ("400 X-Device: The name must have at most 200 printable characters.", ON),
    ),
    "a device with a line break": (
        of_device(b"a%0d%0aX: y"),
        ("400 X-Device: The name must have at most 200 printable characters.", ON),
    ),
    "a device too long": (
        of_device(b"d" * 201),
        ("400 X-Device: The name must have at most 200 printable characters.", ON),
    ),
    "nobody": (get(b"/v1/data"), NO_BEARER),
    "an empty name": (signed(b""), NO_BEARER),
    "a password": (signed(b"Basic YWRhOmNvcnJlY3QgaG9yc2U="), NO_BEARER),
    "a bearer of nothing": (signed(b"Bearer"), NO_BEARER),
    "a bearer of spaces": (signed(b"Bearer     "), NO_BEARER),
    "a bearer of nonsense": (signed(b"Bearer a.b.c"), NO_TOKEN),
    "a bearer of strange bytes": (signed(b"Bearer \xff\xfe"), NO_TOKEN),
    "a bearer of two": (signed(b"Bearer a b"), NO_TOKEN),
    "a bearer without a signature": (
        signed(b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."),
        ("401 No access for this token: the token is not signed by this backend.", ON),
    ),
    "a bearer of 60 000 letters": (
        signed(b"Bearer " + b"a" * 60_000),
        ("401 No access for this token: the token is too long.", ON),
    ),
    "two bearers, the first right": (get(b"/v1/data", USER, b"Authorization: Bearer a.b.c"), ("200", ON)),
    "two bearers, the second right": (get(b"/v1/data", b"Authorization: Bearer a.b.c", USER), NO_TOKEN),
    "a page of another origin that writes": (
        post(b"/data", b"[]", b"Origin: https://evil.example"),
        ("403 Pages of this origin may not write; --cors names those that may.", ON),
    ),
    "a page that asks whether it may write": (
        get(
            b"/data",
            b"Origin: https://evil.example",
            b"Access-Control-Request-Method: POST",
            method=b"OPTIONS",
        ),
        LIVES,
    ),
    "a request's name with a space": (get(b"/livez", b"X-Request-Id: a b"), LIVES),
    "a request's name with an escape of terminals": (get(b"/livez", b"X-Request-Id: \x1b[2J"), NO_HTTP),
    "a request's name too long": (get(b"/livez", b"X-Request-Id: " + b"a" * 65), LIVES),
}
