"""What stands behind the ? of an address has one meaning, or none."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar import Request
from litestar.testing import TestClient

from sampler.backend.web.problems import Invalid
from sampler.backend.web.queries import single, time
from tests.backend.conftest import Serve

Client = TestClient[Any]


def asked(query: bytes) -> Request[Any, Any, Any]:
    return Request({"type": "http", "query_string": query})  # type: ignore[typeddict-item,typeddict-unknown-key]


@pytest.mark.parametrize(
    ("query", "given"),
    [
        (b"", {}),
        (b"&&", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a", {"a": ""}),
        (b"a=", {"a": ""}),
        (b"=a", {"": "a"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a=x+y%2Bz", {"a": "x y+z"}),
        (b"%61=%C3%A9", {"a": "é"}),
        (b"a=%zz%", {"a": "%zz%"}),
        (b"a=%00", {"a": "\0"}),
    ],
)
def test_it_is_read(query: bytes, given: dict[str, str]) -> None:
    assert single(asked(query)) == given


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (b"a=1&a=1", {"a": ["It is there twice."]}),
        (b"a=1&b=2&%61=3&a=4", {"a": ["It is there twice."]}),
        (b"a&a", {"a": ["It is there twice."]}),
        (b"a=%ff", {"a": ["It must be UTF-8, percent-encoded."]}),
        (b"a=%c0%80", {"a": ["It must be UTF-8, percent-encoded."]}),
        (b"a=%ed%a0%80&b=1&b=2", {"a": ["It must be UTF-8, percent-encoded."], "b": ["It is there twice."]}),
        (b"%ff=a", {"%ff": ["It must be UTF-8, percent-encoded."]}),
    ],
)
def test_what_could_mean_several_things_or_nothing_is_named(query: bytes, errors: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        single(asked(query))

    assert caught.value.errors == errors


@given(st.text(st.characters(max_codepoint=127), max_size=60) | st.text("ab=&;+%c3a9", max_size=60))
@example("a=%C3%A9&b=+")
def test_any_query_is_read_as_everybody_reads_it_or_is_invalid(query: str) -> None:
    try:
        found = single(asked(query.encode()))
    except Invalid:
        return
    assert [*found.items()] == parse_qsl(query, keep_blank_values=True)


@pytest.mark.parametrize(
    "path",
    ["/api/temperature?limit=1", "/sensors?limit=1", "/buckets/a?by=day", "/receipts?status=400",
     "/data?from=2022-01-01&to=2022-01-02", "/customerStats?customer_id=1"],
)  # fmt: skip
def test_every_room_refuses_what_is_there_twice(client: Client, path: str) -> None:
    name = path.partition("?")[2].partition("=")[0]

    answer = client.get(f"{path}&{path.partition('?')[2]}")

    assert (answer.status_code, name in answer.json()["errors"]) == (400, True)


@pytest.mark.parametrize(
    "status", ["null", "399", "500", "4000", "40", "+404", "404.0", "\u0664\u0660\u0664", ""]
)
def test_receipts_are_asked_for_by_a_refusals_status_only(client: Client, status: str) -> None:
    answer = client.get("/receipts", params={"status": status})

    assert (answer.status_code, [*answer.json()["errors"]]) == (400, ["status"])


def test_every_address_tells_its_methods(client: Client) -> None:
    paths: dict[str, Any] = client.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        methods = {method.upper() for method in operations} | {"OPTIONS"}
        answer = client.options(path.replace("{", "").replace("}", ""))

        assert answer.status_code == 204
        assert answer.headers["Allow"].split(", ") == sorted(
            methods | {"HEAD"} if "GET" in methods else methods
        )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2021-04-12T22:20:20 02:00", "2021-04-12T22:20:20+02:00"),
        ("2021-04-12t22:20:20.5 0200", "2021-04-12t22:20:20.5+0200"),
        ("2021-04-12T22:20:20 02", "2021-04-12T22:20:20+02"),
        ("2021-04-12 22:20 02:00", "2021-04-12 22:20+02:00"),
        ("2021-04-12 22:20", "2021-04-12 22:20"),
        ("2021-04-12T22:20:20+02:00", "2021-04-12T22:20:20+02:00"),
    ],
)
def test_the_plus_of_an_offset_is_taken_for_what_it_was(text: str, meant: str) -> None:
    assert time(text) == meant


@pytest.mark.parametrize("path", ["/api/temperature?", "/receipts?", "/data?", "/buckets/a?by=day&"])
def test_an_offset_may_be_written_with_its_plus_everywhere(client: Client, path: str) -> None:
    span = "from=2021-04-12T22:20:20+02:00&to=2021-04-12T22:20:20%2B02:00"

    assert client.get(path + span).status_code == 200


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("field", ["device", "who", "endpoint"])
@pytest.mark.parametrize("text", ["%00", "a%0a", "%e2%80%ae"])
def test_no_store_is_asked_for_what_nothing_is_called(serve: Serve, field: str, text: str) -> None:
    path = "/api/temperature" if field == "device" else "/receipts"
    answer = serve().get(f"{path}?{field}={text}")

    assert answer.status_code == 400
    assert answer.json()["errors"] == {field: ["It must have printable characters only."]}
