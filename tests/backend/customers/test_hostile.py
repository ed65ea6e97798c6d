"""What nobody in good faith sends, byte by byte to a process, each with its exact answer and what it counts."""

import contextlib
import gzip
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

import pytest
import requests

from tests.backend.customers.speaking import document
from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real

VALID, INVALID, NOBODY = (1, 0), (1, 1), (0, 0)
"""What is added to customer 1's requests: all of them, and the invalid ones."""
LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True)
class Told:
    """An answer: its status, and its reason or, where it has none, its detail or the fields at fault."""

    status: int
    why: str | None = None


OK = Told(200)
NO_HTTP = Told(400, "Invalid HTTP request received.")
TOO_LONG = Told(431, "The headers must not be longer than 65536 bytes.")
TOO_LARGE = Told(413, "too-large")
UNKNOWN = Told(404, "unknown-customer")
NO_ADDRESS = Told(400, "no-address")
ADDRESS = Told(403, "blacklisted-address")
AGENT = Told(403, "blacklisted-agent")
BROKEN = Told(400, "broken-body")
NO_CUSTOMER = Told(401, "no-customer")


def request(
    body: bytes = document(),
    *headers: bytes,
    line: bytes = b"POST / HTTP/1.1",
    customer: bytes | None = b"customer_id: 1",
    length: bool = True,
) -> bytes:
    lines = [line, b"Host: localhost", *filter(None, [customer]), *headers]
    lines += [b"Content-Length: %d" % len(body)] if length else []
    return b"\r\n".join([*lines, b"", body])


def chunked(*lines: bytes) -> bytes:
    return request(b"\r\n".join([*lines, b"", b""]), b"Transfer-Encoding: chunked", length=False)


def field(name: str, value: bytes) -> bytes:
    """The document with this value as it is written."""
    return document(**{name: "HERE"}).replace(b'"HERE"', value)


def get(target: bytes) -> bytes:
    return request(b"", line=b"GET %s HTTP/1.1" % target, customer=None, length=False)


BODIES = {
    "nothing": (request(b""), BROKEN, INVALID),
    "only space": (request(b" \r\n\t"), BROKEN, INVALID),
    "a NUL": (request(b"\0"), BROKEN, INVALID),
    "null": (request(b"null"), BROKEN, INVALID),
    "an array of what would be valid": (request(b"[%b]" % document()), BROKEN, INVALID),
    "a string that holds the document": (request(json.dumps(document().decode()).encode()), BROKEN, INVALID),
    "two documents": (request(document() * 2), BROKEN, INVALID),
    "cut off": (request(document()[:-1]), BROKEN, INVALID),
    "a trailing comma": (request(document()[:-1] + b",}"), BROKEN, INVALID),
    "a comment": (request(b"/**/" + document()), BROKEN, INVALID),
    "single quotes": (request(document().replace(b'"', b"'")), BROKEN, INVALID),
    "XML": (request(b"<customerID>1</customerID>"), BROKEN, INVALID),
    "a form": (request(b"customerID=1&tagID=2"), BROKEN, INVALID),
    "gzip": (request(gzip.compress(document()), b"Content-Encoding: gzip"), BROKEN, INVALID),
    "UTF-16": (request(document().decode().encode("utf-16")), BROKEN, INVALID),
    "UTF-8 with its mark": (request(b"\xef\xbb\xbf" + document()), OK, VALID),
    "two marks": (request(b"\xef\xbb\xbf" * 2 + document()), BROKEN, INVALID),
    "no UTF-8 in a string": (request(field("userID", b'"\xff"')), BROKEN, INVALID),
    "no UTF-8 in an unknown field": (request(document()[:-1] + b',"x":"\xff"}'), BROKEN, INVALID),
    "an overlong NUL": (request(field("userID", b'"\xc0\x80"')), BROKEN, INVALID),
    "half a pair, escaped": (request(field("userID", rb'"\ud800"')), BROKEN, INVALID),
    "half a pair, as bytes": (request(field("userID", b'"\xed\xa0\x80"')), BROKEN, INVALID),
    "a NUL in a string": (request(field("userID", rb'"\u0000"')), OK, VALID),
    "a control character in a string": (request(field("userID", b'"\x01"')), BROKEN, INVALID),
    "a name written with escapes": (request(document().replace(b"tagID", rb"\u0074agID")), OK, VALID),
    "a name in other letters": (request(document().replace(b"tagID", b"tagid")), BROKEN, INVALID),
    "a name twice, the last one right": (request(b'{"customerID":"x",' + document()[1:]), OK, VALID),
    "a name twice, the last one wrong": (request(document()[:-1] + b',"tagID":"x"}'), BROKEN, INVALID),
    "100 000 levels": (request(b"[" * 100_000), BROKEN, INVALID),
    "100 000 levels in an unknown field": (request(document()[:-1] + b',"x":' + b'{"a":' * 100_000), BROKEN, INVALID),
    "a million unknown fields": (request(b'{"":0' + b',"":0' * 1_000_000 + b"," + document()[1:]), OK, VALID),
    "a user of a million letters": (request(field("userID", b'"%b"' % (b"a" * 1_000_000))), OK, VALID),
    "as large as may be": (request(document().ljust(LIMIT)), OK, VALID),
    "a byte larger": (request(document().ljust(LIMIT + 1)), TOO_LARGE, INVALID),
}  # fmt: skip
VALUES = {
    "NaN": (request(field("tagID", b"NaN")), BROKEN, INVALID),
    "infinity": (request(field("tagID", b"-Infinity")), BROKEN, INVALID),
    "1e400": (request(field("tagID", b"1e400")), BROKEN, INVALID),
    "1.0": (request(field("tagID", b"1.0")), BROKEN, INVALID),
    "1e0": (request(field("tagID", b"1e0")), BROKEN, INVALID),
    "01": (request(field("tagID", b"01")), BROKEN, INVALID),
    "+1": (request(field("tagID", b"+1")), BROKEN, INVALID),
    "0x1": (request(field("tagID", b"0x1")), BROKEN, INVALID),
    "-0": (request(field("tagID", b"-0")), OK, VALID),
    "true": (request(field("tagID", b"true")), BROKEN, INVALID),
    "64 bits": (request(field("tagID", b"9223372036854775807")), OK, VALID),
    "65 bits": (request(field("tagID", b"9223372036854775808")), BROKEN, INVALID),
    "a million digits": (request(field("tagID", b"9" * 1_000_000)), BROKEN, INVALID),
    "digits of another script": (request(field("tagID", "\u0661".encode())), BROKEN, INVALID),
    "milliseconds": (request(field("timestamp", b"1500000000000")), BROKEN, INVALID),
    "before 1970": (request(field("timestamp", b"-1")), BROKEN, INVALID),
    "another customer, in 65 bits": (request(field("customerID", b"18446744073709551617")), BROKEN, INVALID),
    "an address with a port": (request(field("remoteIP", b'"1.2.3.4:80"')), NO_ADDRESS, INVALID),
    "an address in octal": (request(field("remoteIP", b'"0177.0.0.1"')), NO_ADDRESS, INVALID),
    "an address in one number": (request(field("remoteIP", b'"2130706433"')), NO_ADDRESS, INVALID),
    "an address with a zone": (request(field("remoteIP", b'"::1%lo"')), NO_ADDRESS, INVALID),
    "an address and a NUL": (request(field("remoteIP", rb'"1.2.3.4\u0000"')), NO_ADDRESS, INVALID),
    "an address of a million letters": (request(document(remoteIP="1" * 1_000_000)), NO_ADDRESS, INVALID),
    "a listed address inside IPv6": (request(field("remoteIP", b'"0:0:0:0:0:FFFF:7f00:0001"')), ADDRESS, INVALID),
    "a statement for the database": (request(field("remoteIP", b"\"1.2.3.4' OR '1'='1\"")), NO_ADDRESS, INVALID),
}  # fmt: skip
HEADERS = {
    "a customer with a fraction": (request(customer=b"customer_id: 1.0"), NO_CUSTOMER, NOBODY),
    "a customer with a plus": (request(customer=b"customer_id: +1"), NO_CUSTOMER, NOBODY),
    "no customer behind the colon": (request(customer=b"customer_id:"), NO_CUSTOMER, NOBODY),
    "two customers in a line": (request(customer=b"customer_id: 1, 1"), NO_CUSTOMER, NOBODY),
    "two customers in two lines": (request(document(), b"customer_id: 2"), NO_CUSTOMER, NOBODY),
    "two customers in two spellings": (request(document(), b"X-Customer-Id: 2"), NO_CUSTOMER, NOBODY),
    "one customer in two lines": (request(document(), b"CUSTOMER-ID: 01"), OK, VALID),
    "a customer and a NUL": (request(customer=b"customer_id: 1\0"), NO_HTTP, NOBODY),
    "a customer in digits of another script": (request(customer="customer_id: \u0661".encode()), NO_CUSTOMER, NOBODY),
    "a customer in superscript": (request(customer=b"customer_id: \xb9"), NO_CUSTOMER, NOBODY),
    "a customer in 60 000 digits": (request(customer=b"customer_id: " + b"1" * 60_000), NO_CUSTOMER, NOBODY),
    "a customer in 100 digits": (request(customer=b"customer_id: " + b"1" * 100), UNKNOWN, NOBODY),
    "a customer below zero": (request(customer=b"customer_id: -1"), UNKNOWN, NOBODY),
    "space around the customer": (request(customer=b"customer_id: \t 1 \t"), OK, VALID),
    "space in front of the colon": (request(customer=b"customer_id : 1"), NO_HTTP, NOBODY),
    "the customer on the next line": (request(customer=b"customer_id:\r\n 1"), NO_HTTP, NOBODY),
    "a header put in by a lone CR": (request(customer=b"x: y\rcustomer_id: 1"), NO_HTTP, NOBODY),
    "a listed agent far behind": (request(document(), b"User-Agent: " + b"()" * 1000 + b" Googlebot"), OK, VALID),
    "a listed agent between strange bytes": (request(document(), b"User-Agent: \xffGooglebot\xe9"), AGENT, INVALID),
    "a listed agent in line two": (request(document(), b"User-Agent: x", b"User-Agent: Googlebot"), AGENT, INVALID),
    "an agent with wildcards": (request(document(), b"User-Agent: %_Googlebot%*"), OK, VALID),
    "a key of strange bytes": (request(document(), b"Idempotency-Key: \xff"), Told(400, "Idempotency-Key"), NOBODY),
    "an empty key": (request(document(), b"Idempotency-Key:"), Told(400, "Idempotency-Key"), NOBODY),
    "a header of a megabyte": (request(document(), b"X: " + b"a" * 1_000_000), TOO_LONG, NOBODY),
    "a hundred thousand headers": (request(document(), *[b"X: a"] * 100_000), TOO_LONG, NOBODY),
    "a target of a megabyte": (request(line=b"POST /?%b HTTP/1.1" % (b"a" * 1_000_000)), TOO_LONG, NOBODY),
    "a Content-Type that is none": (request(document(), b"Content-Type: ;;;=\xff"), OK, VALID),
    "another method in a header": (request(document(), b"X-HTTP-Method-Override: DELETE"), OK, VALID),
}  # fmt: skip
FRAMES = {
    "chunks": (chunked(b"%x" % len(document()), document(), b"0"), OK, VALID),
    "chunks with extensions": (chunked(b"%x;a=b" % len(document()), document(), b"0", b"Trailer: x"), OK, VALID),
    "a chunk longer than it says": (chunked(b"1", document(), b"0"), NO_HTTP, NOBODY),
    "a chunk of a length that is none": (chunked(b"-1", document(), b"0"), NO_HTTP, NOBODY),
    "chunks and a length": (request(b"0\r\n\r\n", b"Transfer-Encoding: chunked"), NO_HTTP, NOBODY),
    "a coding that nobody knows": (request(b"", b"Transfer-Encoding: identity", length=False), NO_HTTP, NOBODY),
    "two lengths": (request(document(), b"Content-Length: 5"), NO_HTTP, NOBODY),
    "a length below zero": (request(document(), b"Content-Length: -1", length=False), NO_HTTP, NOBODY),
    "a length of 67 bits": (request(b"", b"Content-Length: 99999999999999999999", length=False), NO_HTTP, NOBODY),
    "a length beyond the limit, no body": (request(b"", b"Content-Length: 10485761", length=False), TOO_LARGE, INVALID),
    "neither a length nor chunks": (request(b"", length=False), BROKEN, INVALID),
    "lines without CR": (request().replace(b"\r\n", b"\n"), NO_HTTP, NOBODY),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, NO_HTTP, NOBODY),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NO_HTTP, NOBODY),
    "a space in the target": (request(line=b"POST / / HTTP/1.1"), NO_HTTP, NOBODY),
    "another machine's address": (request(line=b"POST http://example.com/ HTTP/1.1"), OK, VALID),
    "a small method": (request(line=b"post / HTTP/1.1"), NO_HTTP, NOBODY),
    "a method of somebody else": (request(line=b"PROPFIND / HTTP/1.1"), Told(405, "Method Not Allowed"), NOBODY),
    "a path behind the root": (request(line=b"POST /%00 HTTP/1.1"), Told(404, "Not Found"), NOBODY),
    "a path back from the root": (request(line=b"POST /../ HTTP/1.1"), Told(404, "Not Found"), NOBODY),
}  # fmt: skip
DAY = b"/stats?month=1&year=2022&day="
QUESTIONS = {
    "a day with a plus": (get(DAY + b"%2B1"), Told(400, "day"), NOBODY),
    "a day with a space": (get(DAY + b"+1"), Told(400, "day"), NOBODY),
    "a day in another script": (get(DAY + b"%D9%A1"), Told(400, "day"), NOBODY),
    "a day that is no UTF-8": (get(DAY + b"%FF"), Told(400, "day"), NOBODY),
    "a day that is badly escaped": (get(DAY + b"%ZZ"), Told(400, "day"), NOBODY),
    "a day and a NUL": (get(DAY + b"1%00"), Told(400, "day"), NOBODY),
    "a day of 100 digits": (get(DAY + b"9" * 100), Told(400, "day"), NOBODY),
    "a day of 60 000 digits": (get(DAY + b"9" * 60_000), Told(400, "day"), NOBODY),
    "a day twice": (get(DAY + b"1&day=1"), Told(400, "day"), NOBODY),
    "a day that was none": (get(DAY + b"32"), Told(400, "day"), NOBODY),
    "a list": (get(b"/customerStats?customer_id[]=1"), Told(400, "customer_id"), NOBODY),
    "a statement": (
        get(b"/customerStats?customer_id=1;DROP+TABLE+customers"),
        Told(400, "customer_id"),
        NOBODY,
    ),
    "nobody": (get(b"/customerStats?customer_id=-1"), Told(404, "There is no such customer."), NOBODY),
}
ALL = {
    f"{kind}: {name}": case
    for kind, cases in [
        ("body", BODIES), ("value", VALUES), ("header", HEADERS), ("frame", FRAMES), ("question", QUESTIONS),
    ]
    for name, case in cases.items()
}  # fmt: skip


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    with BackendProcess(tmp_path_factory.mktemp("hostile")) as backend:
        subprocess.run(
            [sys.executable, "-m", "sampler.backend", "customers", "load-sample"],
            env=os.environ | {"DATABASE_URL": backend.database_url},
            check=True,
        )
        yield backend


@pytest.mark.parametrize(("sent", "told", "counts"), ALL.values(), ids=ALL)
def test_it_is_answered_and_counted_exactly(
    backend: BackendProcess, sent: bytes, told: Told, counts: tuple[int, int]
) -> None:
    before = counted(backend)

    status, answer = say(backend, sent)

    errors = ",".join(answer.get("errors", {}))
    why = None if status == 200 else answer.get("reason") or answer.get("detail") or errors
    assert Told(status, why) == told
    assert (counted(backend)[0] - before[0], counted(backend)[1] - before[1]) == counts


def test_none_of_it_was_our_fault(backend: BackendProcess) -> None:
    """The last test of the file: nothing in the log but that it was refused."""
    assert backend.trouble == ""


def say(backend: BackendProcess, sent: bytes) -> tuple[int, dict[str, Any]]:
    with socket.create_connection(("127.0.0.1", backend.port), timeout=10) as connection:
        with contextlib.suppress(ConnectionError):  # some of it is refused before all of it is sent
            connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        body: dict[str, Any] = json.loads(answer.read())
        answer.close()
    return answer.status, body


def counted(backend: BackendProcess) -> tuple[int, int]:
    hours = requests.get(f"{backend.url}/customerStats?customer_id=1", timeout=10).json().values()
    return sum(hour["total_requests"] for hour in hours), sum(hour["invalid_requests"] for hour in hours)
