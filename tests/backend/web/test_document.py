"""The OpenAPI document: valid, complete, and its examples work."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from sampler.backend.app import ROUTES
from sampler.backend.customers import sample
from sampler.backend.store.opening import open_store
from tests.backend.conftest import Serve
from tests.backend.signing_in import bearer
from tests.backend.web.speaking import Example, examples

Client = TestClient[Any]


@pytest.fixture
def client(serve: Serve, tmp_path: Path) -> Client:
    """A backend with the published sample of customers, whom the examples name."""
    with closing(open_store(f"sqlite:///{tmp_path / 'backend.db'}")) as store, store.writing() as session:
        sample.load(session)
    return serve()


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    return found


def test_it_is_a_valid_openapi_3_1_document(document: dict[str, Any]) -> None:
    OPENAPI_31_VALIDATOR.validate(document)
    assert document["openapi"].startswith("3.1")


def test_it_has_every_route_and_nothing_else(document: dict[str, Any]) -> None:
    described = {(path, method) for path, operations in document["paths"].items() for method in operations}
    # `{sensor:str}` in a route is `{sensor}` in the document.
    routes = {
        (re.sub(r":\w+}", "}", path), method.lower())
        for route in ROUTES
        for path in route.paths
        for method in route.http_methods
        if route.include_in_schema is not False
    }
    assert described == routes


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_link_leads_to_an_operation_with_its_parameters(document: dict[str, Any]) -> None:
    operations = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }
    links = [
        link
        for operation in operations.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    for link in links:
        operation = operations[link["operationId"]]
        assert {*link.get("parameters", {})} <= {
            parameter["name"] for parameter in operation.get("parameters", [])
        }
        assert "requestBody" in operation or "requestBody" not in link
    assert len(links) == 29


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        inner = [found for value in part.values() for found in references(value)]
        return [*inner, part["$ref"]] if "$ref" in part else inner
    return [found for value in part for found in references(value)] if isinstance(part, list) else []


def test_every_example_is_answered_with_a_documented_success(
    client: Client, document: dict[str, Any], tmp_path: Path
) -> None:
    user = bearer(f"sqlite:///{tmp_path / 'backend.db'}", tmp_path / "backend.key", "eva")
    spoken, tokens = 0, {}
    for example in examples(document):
        answer = example.with_those_it_has(tokens).speak(
            client, **(user if is_for_users(document, example) else {})
        )
        assert str(answer.status_code) in successes(document, example), (example, answer.text)
        tokens = answer.json() if "refresh_token" in answer.text else tokens
        spoken += 1
    assert spoken >= len(document["paths"])


def is_for_users(document: dict[str, Any], example: Example) -> bool:
    security: list[dict[str, Any]] = document["paths"][example.path][example.method]["security"]
    return {"user": []} in security


def successes(document: dict[str, Any], example: Example) -> set[str]:
    return {
        status
        for status in document["paths"][example.path][example.method]["responses"]
        if status.startswith("2")
    }


def test_a_token_is_only_a_must_where_the_backend_is_closed(serve: Serve, document: dict[str, Any]) -> None:
    closed = serve(open=False).get("/openapi.json").json()

    security = [of["paths"]["/api/temperature"]["post"]["security"] for of in (document, closed)]
    assert security == [[{"token": ["write:A"]}, {}], [{"token": ["write:A"]}]]
