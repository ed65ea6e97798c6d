"""Where a request ends: whatever two readers could read in two ways is refused, and nothing hides in a body."""

from tests.faults.hostile.speaking import END, HOST, ON, Case, framed, get, post

NO_HTTP = ("400 Invalid HTTP request received.", END)
TOO_LONG = ("431 The headers must not be longer than 65536 bytes.", END)
LIVES = get(b"/livez")
CHUNKED = b"Transfer-Encoding: chunked"
NO_ARRAY = ("400 $: The body must be a JSON array.", ON)
OK = ('200 {"accepted":0}', ON)


def chunks(*lines: bytes) -> bytes:
    return framed(b"\r\n".join([*lines, b"", b""]), CHUNKED)


CASES: dict[str, Case] = {
    "two lengths that differ": (framed(b"[]", b"Content-Length: 2", b"Content-Length: 3"), NO_HTTP),
    "two lengths that agree": (framed(b"[]", b"Content-Length: 2", b"Content-Length: 2"), NO_HTTP),
    "a list of lengths": (framed(b"[]", b"Content-Length: 2, 2"), NO_HTTP),
    "a length with a plus": (framed(b"[]", b"Content-Length: +2"), NO_HTTP),
    "a length below zero": (framed(b"[]", b"Content-Length: -2"), NO_HTTP),
    "a length in hexadecimal": (framed(b"[]", b"Content-Length: 0x2"), NO_HTTP),
    "a length in another script": (framed(b"[]", "Content-Length: \u0662".encode()), NO_HTTP),
    "a length of 67 bits": (framed(b"[]", b"Content-Length: 73786976294838206466"), NO_HTTP),
    "a length with a fraction": (framed(b"[]", b"Content-Length: 2.0"), NO_HTTP),
    "a length of nothing": (framed(b"[]", b"Content-Length:"), NO_HTTP),
    "a length with spaces around it": (framed(b"[]", b"Content-Length: \t 2 \t"), OK),
    "a length with zeros before it": (framed(b"[]", b"Content-Length: 0000000002"), OK),
    "a length and chunks": (framed(b"0\r\n\r\n", b"Content-Length: 5", CHUNKED), NO_HTTP),
    "chunks and a length": (framed(b"0\r\n\r\n", CHUNKED, b"Content-Length: 5"), NO_HTTP),
    "chunks twice": (framed(b"0\r\n\r\n", CHUNKED, CHUNKED), NO_HTTP),
    "chunks, then something else": (framed(b"0\r\n\r\n", CHUNKED + b", identity"), NO_HTTP),
    "chunks of another name": (framed(b"0\r\n\r\n", b"Transfer-Encoding: xchunked"), NO_HTTP),
    "chunks in quotes": (framed(b"0\r\n\r\n", b'Transfer-Encoding: "chunked"'), NO_HTTP),
    "chunks behind a vertical tab": (framed(b"0\r\n\r\n", b"Transfer-Encoding:\x0bchunked"), NO_HTTP),
    "chunks with a space before the colon": (framed(b"0\r\n\r\n", b"Transfer-Encoding : chunked"), NO_HTTP),
    "chunks on the next line": (framed(b"0\r\n\r\n", b"Transfer-Encoding:\r\n chunked"), NO_HTTP),
    "chunks of what is compressed": (framed(b"0\r\n\r\n", b"Transfer-Encoding: gzip, chunked"), NO_ARRAY),
    "no coding at all": (framed(b"[]", b"Transfer-Encoding: identity"), NO_HTTP),
    "chunks in HTTP/1.0": (
        b"POST /data HTTP/1.0\r\nContent-Type: application/json\r\n%b\r\n\r\n2\r\n[]\r\n0\r\n\r\n" % CHUNKED,
        ('200 {"accepted":0}', END),
    ),
    "a chunk": (chunks(b"2", b"[]", b"0"), OK),
    "a chunk with zeros before its length": (chunks(b"0002", b"[]", b"0"), OK),
    "a chunk with an extension": (chunks(b'2;a=b;c="d"', b"[]", b"0"), OK),
    "a chunk that is longer than it says": (chunks(b"1", b"[]", b"0"), NO_HTTP),
    "a chunk that is shorter than it says": (chunks(b"3", b"[]", b"0"), NO_HTTP),
    "a chunk of less than nothing": (chunks(b"-1", b"[]", b"0"), NO_HTTP),
    "a chunk in 0x": (chunks(b"0x2", b"[]", b"0"), NO_HTTP),
    "a chunk of 68 bits": (chunks(b"10000000000000002", b"[]", b"0"), NO_HTTP),
    "a chunk without a length": (chunks(b"", b"[]", b"0"), NO_HTTP),
    "a chunk with a space before its length": (chunks(b" 2", b"[]", b"0"), NO_HTTP),
    "a chunk with a space behind its length": (chunks(b"2 ", b"[]", b"0"), NO_HTTP),
    "a chunk with a bare line feed": (framed(b"2\n[]\r\n0\r\n\r\n", CHUNKED), NO_HTTP),
    "a chunk with a bare carriage return": (framed(b"2\r[]\r\n0\r\n\r\n", CHUNKED), NO_HTTP),
    "a chunk with a line feed in its extension": (framed(b"2;a\n[]\r\n0\r\n\r\n", CHUNKED), NO_HTTP),
    "headers behind the chunks": (chunks(b"2", b"[]", b"0", b"Idempotency-Key: \xff"), OK),
    "a length behind the chunks": (chunks(b"2", b"[]", b"0", b"Content-Length: 99"), NO_HTTP),
    "a header that is none behind the chunks": (chunks(b"2", b"[]", b"0", b"nonsense"), NO_HTTP),
    "a request in a body": (post(b"/data", LIVES), NO_ARRAY),
    "a request in a chunk": (
        chunks(b"%x" % len(LIVES), LIVES, b"0"),
        NO_ARRAY,
    ),
    "a request in the body of a GET": (
        get(b"/livez", b"Content-Length: %d" % len(LIVES)) + LIVES,
        ("204", ON),
    ),
    "a body that is longer than it says": (
        framed(b"[]GET", b"Content-Length: 2"),
        ('200 {"accepted":0}', END),
    ),
    "a body that was not announced": (get(b"/livez") + b"[]\r\n", ("204", END)),
    "nothing behind Expect": (post(b"/data", b"[]", b"Expect: 100-continue"), ("100", *OK)),
    "another expectation": (post(b"/data", b"[]", b"Expect: 200-ok"), OK),
    "three at once": (LIVES + post(b"/data", b"[]") + LIVES, ("204", '200 {"accepted":0}', "204", ON)),
    "a hundred at once": (LIVES * 100, (*["204"] * 100, ON)),
    "a refusal between two": (LIVES + get(b"/nothing") + LIVES, ("204", "404 Not Found", "204", ON)),
    "nonsense behind a request": (get(b"/healthz") + b"nonsense\r\n\r\n", ("204", END)),
    "the last one first": (get(b"/livez", b"Connection: close") + LIVES, ("204", END)),
    "empty lines before it": (b"\r\n" * 100 + LIVES, ("204", ON)),
    "empty lines without end": (b"\r\n" * 200_000 + LIVES, TOO_LONG),
    "lines without a carriage return": (LIVES.replace(b"\r\n", b"\n"), NO_HTTP),
    "one line without a carriage return": (b"GET /livez HTTP/1.1\n" + HOST + b"\r\n", NO_HTTP),
    "one line without a line feed": (b"GET /livez HTTP/1.1\r" + HOST + b"\r\n", NO_HTTP),
}
