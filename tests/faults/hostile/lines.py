"""Methods, addresses, versions, and what is no HTTP at all."""

from tests.faults.hostile.framing import NO_HTTP, TOO_LONG
from tests.faults.hostile.speaking import END, HOST, ON, USER, Case, get

NOT_FOUND = ("404 Not Found", ON)
NOT_ALLOWED = ("405 Method Not Allowed", ON)
NO_HOST = ("400 There must be one header Host.", END)
BAD_HOST = ("400 Invalid host header", ON)
LIVES = ("204", ON)
UNREADABLE = ("400 sensor: It must be UTF-8, percent-encoded.", ON)
UNPRINTABLE = ("400 sensor: It must have printable characters only.", ON)
UNKNOWN = ('200 {"last_measurement":null,"count":0,"avg":0.0}', ON)


def line(text: bytes) -> bytes:
    return b"%b\r\n%b\r\n" % (text, HOST)


CASES: dict[str, Case] = {
    "a method in small letters": (get(b"/livez", method=b"get"), NO_HTTP),
    "a method that nobody knows": (get(b"/livez", method=b"BREWED"), NO_HTTP),
    "a method of 100 000 letters": (get(b"/livez", method=b"G" * 100_000), NO_HTTP),
    "a method and a NUL": (get(b"/livez", method=b"GET\0"), NO_HTTP),
    "a method of WebDAV": (get(b"/livez", method=b"PROPFIND"), NOT_ALLOWED),
    "a method of UPnP": (get(b"/livez", method=b"M-SEARCH"), NOT_ALLOWED),
    "TRACE": (get(b"/livez", b"Cookie: secret", method=b"TRACE"), NOT_ALLOWED),
    "PATCH": (get(b"/data", method=b"PATCH"), NOT_ALLOWED),
    "CONNECT to another machine": (get(b"example.com:443", method=b"CONNECT"), NO_HTTP),
    "CONNECT to an address": (get(b"/livez", method=b"CONNECT"), NOT_ALLOWED),
    "OPTIONS of everything": (get(b"*", method=b"OPTIONS"), NOT_FOUND),
    "OPTIONS of what is not there": (get(b"/nothing", method=b"OPTIONS"), NOT_FOUND),
    "HEAD": (get(b"/livez", method=b"HEAD"), LIVES),
    "HEAD of something long": (get(b"/openapi.json", method=b"HEAD"), ("200", ON)),
    "HEAD of what is refused": (get(b"/data", method=b"HEAD"), ("400", ON)),
    "no method": (line(b" /livez HTTP/1.1"), NO_HTTP),
    "a method alone": (line(b"GET"), NO_HTTP),
    "no address": (line(b"GET  HTTP/1.1"), NO_HTTP),
    "no version": (line(b"GET /livez"), NO_HTTP),
    "two spaces": (line(b"GET  /livez HTTP/1.1"), LIVES),
    "a tab": (line(b"GET\t/livez HTTP/1.1"), NO_HTTP),
    "a space in the address": (line(b"GET /li vez HTTP/1.1"), NO_HTTP),
    "words behind the version": (line(b"GET /livez HTTP/1.1 please"), NO_HTTP),
    "HTTP/0.9": (line(b"GET /livez HTTP/0.9"), NO_HTTP),
    "HTTP/1.0": (b"GET /livez HTTP/1.0\r\n\r\n", ("204", END)),
    "HTTP/1.2": (line(b"GET /livez HTTP/1.2"), NO_HTTP),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0", NO_HTTP),
    "HTTP/2.0 in a line of HTTP/1": (line(b"GET /livez HTTP/2.0"), NO_HTTP),
    "HTTP/2 in a line of HTTP/1": (line(b"GET /livez HTTP/2"), NO_HTTP),
    "another protocol": (line(b"GET /livez ICY/1.0"), NO_HTTP),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, NO_HTTP),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", NO_HTTP),
    "SOCKS": (b"\x05\x01\x00", NO_HTTP),
    "PostgreSQL": (b"\x00\x00\x00\x08\x04\xd2\x16\x2f", NO_HTTP),
    "mail": (b"EHLO x\r\n", NO_HTTP),
    "a mebibyte of NUL": (b"\0" * 2**20, NO_HTTP),
    "the address of another machine": (get(b"http://example.com/livez"), LIVES),
    "an address with a password": (get(b"http://a:b@example.com/livez"), LIVES),
    "an address of another scheme": (get(b"ftp://example.com/livez"), LIVES),
    "an address without a machine": (get(b"http:///livez"), NO_HTTP),
    "another machine's name as a path": (get(b"//example.com/livez"), NOT_FOUND),
    "an address that does not begin with /": (get(b"livez"), NO_HTTP),
    "an address of a query only": (get(b"?a=b"), NO_HTTP),
    "a fragment": (get(b"/livez#there"), LIVES),
    "a slash more at the end": (get(b"/livez/"), LIVES),
    "many slashes": (get(b"///livez///"), LIVES),
    "other letters": (get(b"/LIVEZ"), NOT_FOUND),
    "letters that are encoded": (get(b"/%6c%69vez"), LIVES),
    "a parameter of the path": (get(b"/livez;a=b"), NOT_FOUND),
    "a NUL in the path": (get(b"/livez%00"), NOT_FOUND),
    "a line break in the path": (get(b"/livez%0d%0aX:%20y"), NOT_FOUND),
    "a path back": (get(b"/data/../livez"), NOT_FOUND),
    "a path back that is encoded": (get(b"/%2e%2e/%2e%2e/etc/passwd"), NOT_FOUND),
    "a path back from the pages": (get(b"/docs/%2e%2e%2f%2e%2e%2fapp.py"), NOT_FOUND),
    "a path back from the pages with backslashes": (get(b"/docs/..%5c..%5capp.py"), NOT_FOUND),
    "a percent sign alone": (get(b"/livez%"), NOT_FOUND),
    "hexadecimal digits that are none": (get(b"/%zzlivez"), NOT_FOUND),
    "bytes that are no ASCII": (get("/li\u00e9".encode()), NO_HTTP),
    "a sensor of bytes that are no ASCII": (get("/statistics/\u00e9".encode()), NO_HTTP),
    "a sensor of bytes that are no UTF-8": (get(b"/statistics/%ff"), UNREADABLE),
    "a sensor of an overlong slash": (get(b"/statistics/%c0%af"), UNREADABLE),
    "a sensor of half a character": (get(b"/statistics/%ed%a0%80"), UNREADABLE),
    "a sensor with a NUL": (get(b"/statistics/a%00b"), UNPRINTABLE),
    "a sensor with a line break": (get(b"/statistics/a%0ab"), UNPRINTABLE),
    "a sensor with an escape of terminals": (get(b"/statistics/%1b%5b2J"), UNPRINTABLE),
    "a sensor that turns the text around": (get(b"/statistics/%e2%80%ae"), UNPRINTABLE),
    "a sensor called two dots": (get(b"/statistics/%2e%2e"), UNKNOWN),
    "a sensor with a slash": (get(b"/statistics/a%2fb"), UNKNOWN),
    "a sensor with slashes that are not encoded": (get(b"/statistics/a/../b"), UNKNOWN),
    "a sensor that is a statement": (get(b"/statistics/';DROP%20TABLE%20sensors--"), UNKNOWN),
    "a sensor called %s": (get(b"/statistics/%25s%7b0%7d%24%7bx%7d"), UNKNOWN),
    "a sensor of nothing": (get(b"/statistics/"), NOT_FOUND),
    "a sensor too long": (
        get(b"/statistics/" + b"a" * 201),
        ("400 sensor: It must have 1 to 200 characters.", ON),
    ),
    "a sensor of 60 000 letters": (
        get(b"/statistics/" + b"a" * 60_000),
        ("400 sensor: It must have 1 to 200 characters.", ON),
    ),
    "a user's sensor of bytes that are no UTF-8": (
        get(b"/v1/data/%ff", USER),
        ("400 sensor_id: It must be UTF-8, percent-encoded.", ON),
    ),
    "a row that has no number": (
        get(b"/v1/data/kitchen", USER, method=b"PUT"),
        ("404 Rows are numbered 1, 2, 3 and so on.", ON),
    ),
    "a row of 60 000 digits": (
        get(b"/v1/data/" + b"9" * 60_000, USER, method=b"PUT"),
        ("404 Rows are numbered 1, 2, 3 and so on.", ON),
    ),
    "a target of a mebibyte": (get(b"/" + b"a" * 2**20), TOO_LONG),
    "a query of a mebibyte": (get(b"/livez?" + b"a" * 2**20), TOO_LONG),
    "no Host": (b"GET /livez HTTP/1.1\r\n\r\n", NO_HOST),
    "two Hosts": (b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", NO_HOST),
    "a Host with a path": (b"GET /livez HTTP/1.1\r\nHost: a/b\r\n\r\n", BAD_HOST),
    "a Host with a space": (b"GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n", BAD_HOST),
    "a Host with a tag": (b"GET /livez HTTP/1.1\r\nHost: <script>\r\n\r\n", BAD_HOST),
    "a Host of nothing": (b"GET /livez HTTP/1.1\r\nHost:\r\n\r\n", LIVES),
}
