"""What stands in a request's headers: who sends it, under which key, for which customer, from where, and what it is."""

from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any
from urllib.parse import quote

from litestar import Request
from litestar.exceptions import HTTPException

from fuzzing.target import Target
from sampler.backend.customers import naming, senders
from sampler.backend.temperature import identity
from sampler.backend.web import guard, media, repetition, request_id
from sampler.backend.web.origins import is_foreign
from sampler.backend.web.problems import Invalid
from sampler.device.client import _AS_IT_IS

AnyRequest = Request[Any, Any, Any]


def one(data: bytes) -> None:
    headers = [
        (name.strip().lower(), value.strip(b" \t")) for name, _, value in map(_parted, data.split(b"\n"))
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/data",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "state": {},
    }
    scope |= {"server": ("127.0.0.1", 80), "scheme": "http"}
    request: AnyRequest = Request(scope)  # type: ignore[arg-type]
    check_device(request)
    check_keys(request)
    check_customer(request)
    check_kind(request)
    name = copy_context().run(request_id.begin, headers)
    assert 0 < len(name) <= 64
    assert name.isascii()
    assert name.isprintable()
    assert is_foreign(request.headers, ("http://named",)) in {True, False}
    check_text(data.decode("utf-8", "replace"))


def _parted(line: bytes) -> tuple[bytes, bytes, bytes]:
    return line.partition(b":")


def refused(reader: Callable[..., Any], *given: Any) -> Any:
    try:
        return reader(*given)
    except Invalid as error:
        assert error.errors
        assert all(words for words in error.errors.values())
    except HTTPException as error:
        assert error.status_code == 415
    return None


def check_device(request: AnyRequest) -> None:
    name = refused(identity.device, request.headers)
    assert name is None or (len(name) <= 200 and name.isprintable())
    assert name is None or identity.device({identity.DEVICE: quote(name, safe=_AS_IT_IS)}) == name


def check_keys(request: AnyRequest) -> None:
    for count in range(4):
        found = refused(identity.keys, request.headers, count)
        assert found is None or len(found) == count
        assert found is None or identity.keys({identity.KEYS: ", ".join(found)}, count) == found
    once = refused(repetition.of_fingerprint, request, bytes(32))
    assert once is None or 0 < len(once.key) <= 200


def check_customer(request: AnyRequest) -> None:
    number = naming.customer(lambda name: request.headers.getall(name, []))
    said = {value for name in naming.HEADERS for value in request.headers.getall(name, [])}
    assert number is None or {int(value.strip(" \t")) for value in said} == {number}
    agent = senders.words(" ".join(request.headers.getall("User-Agent", [])))
    assert senders.words(agent) == agent
    assert agent.isascii()


def check_kind(request: AnyRequest) -> None:
    refused(media.refuse_other_than_json, request)
    media_type, parameters = request.content_type
    assert isinstance(media_type, str)
    assert isinstance(parameters, dict)
    scopes = guard._scopes({"application/json": "write:B", "text/plain": "write:D"}, request)
    assert set(scopes) <= {"write:B", "write:D"}
    assert scopes


def check_text(text: str) -> None:
    """See that a device's name comes through the wire, and that an address has one form."""
    if len(text) <= 200 and text.isprintable():
        assert identity.device({identity.DEVICE: quote(text, safe=_AS_IT_IS)}) == text
    try:
        address = senders.address(text)
    except ValueError:
        return
    assert senders.address(address) == address


def seeds() -> Iterator[bytes]:
    yield b"X-Device: a%20%C3%A9\nIdempotency-Key: 9f3a61c2-41, 9f3a61c2-42\nContent-Type: text/json; charset=utf-8"
    yield b"customer_id: 1\ncustomer-id:1 \nx-customer-id: -0\nUser-Agent: Mozilla/5.0 (compatible; Googlebot/2.1)"
    yield b"Origin: http://localhost:8080\nHost: localhost:8080\nX-Request-Id: a.b-c_9\nContent-Encoding: gzip"
    yield b'Origin: http://[::1\nHost: [::1]\nContent-Type: text/plain;charset="x\nIdempotency-Key: ,\xff'
    yield b"::ffff:127.0.0.1"
    yield b"fe80::1%eth0"


TARGET = Target(
    "headers",
    one,
    seeds,
    (
        *(
            b"X-Device: ",
            b"Idempotency-Key: ",
            b"customer_id: ",
            b"User-Agent: ",
            b"Origin: http://",
            b"Host: ",
            b"Content-Type: ",
        ),
        *(
            b"X-Request-Id: ",
            b"Content-Encoding: ",
            b"%C3%A9",
            b"%ff",
            b"%",
            b", ",
            b"+json",
            b";",
            b"::1",
            b"127.0.0.1",
        ),
    ),
    longest=1024,
    quick=300,
)
