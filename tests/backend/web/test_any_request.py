"""Whatever stands in headers, addresses and bodies: it is answered, and never with a fault of ours."""

import contextlib
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from sampler.backend.app import opened
from sampler.backend.settings import Settings
from sampler.backend.web import paging, request_id
from sampler.backend.web.ledger import reason

Client = TestClient[Any]
BYTES = st.binary(max_size=30).map(lambda value: value.translate(None, b"\0\r\n"))
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Content-Type", "Authorization", "Idempotency-Key", "X-Device", "customer_id", "X-Customer-Id", "Origin",
         "X-Request-Id", "Accept", "Content-Encoding", "User-Agent", "Referer", "Cookie", "Sec-Fetch-Site"]
    ).map(str.encode),
    BYTES | st.sampled_from([b"application/json", b"text/plain;charset=", b"Bearer a.b.c", b"1", b"gzip, *", b"null"]),
)  # fmt: skip
PLACES = ["/", "/data", "/api/temperature", "/api/temperature/missing", "/v1/data", "/v1/data/1", "/sensors",
          "/auth/register", "/auth/login", "/auth/refresh", "/statistics/a", "/buckets/a", "/receipts"]  # fmt: skip
QUERIES = st.text(st.sampled_from([chr(sign) for sign in range(33, 127) if chr(sign) != "#"]), max_size=20)


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("any")
    settings = Settings(f"sqlite:///{folder / 'backend.db'}", key_file=folder / "backend.key")
    with contextlib.ExitStack() as stack:
        app = stack.enter_context(opened(settings))
        yield stack.enter_context(TestClient(app, raise_server_exceptions=False))


@settings(deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
    address=st.builds("{}?{}".format, st.sampled_from(PLACES), QUERIES),
    headers=HEADERS,
    body=st.binary(max_size=50),
)
def test_any_request_is_answered(
    backend: Client, method: str, address: str, headers: dict[bytes, bytes], body: bytes
) -> None:
    answer = backend.request(method, address, headers=headers, content=body)

    assert answer.status_code < 500
    assert answer.headers["X-Request-Id"]
    if answer.status_code >= 400 and "success" not in answer.text:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("host", ["localhost:8-80", "localhost:99999", "[::1", "[", "a:b:c"])
def test_a_host_that_is_none_is_no_fault_of_ours(backend: Client, host: str) -> None:
    posted = backend.post("/data", json=[], headers={"Host": host, "Idempotency-Key": f"key of {host}"})
    listed = backend.get("/sensors", headers={"Host": host})

    # 403: on an open backend, what may be a public name.
    assert (posted.status_code, listed.status_code) in {(200, 200), (403, 403)}


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(repr).map(str.encode))
def test_any_answer_has_a_reason_that_every_store_takes(answer: bytes) -> None:
    assert "\0" not in reason(answer)


@given(st.lists(st.tuples(st.sampled_from([b"x-request-id", b"x"]), st.binary(max_size=70))))
def test_any_name_of_a_request_fits_into_a_line_of_the_log(headers: list[tuple[bytes, bytes]]) -> None:
    name = copy_context().run(request_id.begin, headers)  # the tests that follow are about no request
    assert 0 < len(name) <= 64
    assert all(sign.isalnum() or sign in "._-" for sign in name)
    assert name.isascii()


@given(st.text() | st.from_regex(r"\d{1,20}-\d{1,20}"))
def test_any_place_in_a_list_is_one_that_was_written_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        first, second = paging.place(text)
        assert paging.place(paging.written((first, second))) == (first, second)
        assert max(first, second) < 2**63
