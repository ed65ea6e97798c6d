"""The examples of an OpenAPI document, as requests."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
from litestar.testing import TestClient


@dataclass(frozen=True)
class Example:
    """One request that the document shows."""

    path: str
    method: str
    parameters: list[dict[str, Any]]
    media_type: str | None = None
    body: Any = None

    def with_those_it_has(self, given: dict[str, str]) -> "Example":
        """Fill in what no document can know: the tokens that an answer before has given."""
        if not isinstance(self.body, dict):
            return self
        return replace(self, body={name: given.get(name, value) for name, value in self.body.items()})

    def speak(self, client: TestClient[Any], **headers: str) -> httpx.Response:
        """Send it."""
        given = {(p["in"], p["name"]): p["example"] for p in self.parameters if "example" in p}
        path = self.path
        for (place, name), value in given.items():
            path = path.replace(f"{{{name}}}", str(value)) if place == "path" else path
        named = {name: str(value) for (place, name), value in given.items() if place == "header"}
        content = {"json": self.body} if self.media_type == "application/json" else {"content": self.body}
        kind = {"Content-Type": self.media_type} if self.media_type else {}
        return client.request(
            self.method,
            path,
            params={name: value for (place, name), value in given.items() if place == "query"},
            headers=kind | named | headers,
            **content,
        )


def examples(document: dict[str, Any]) -> Iterator[Example]:
    """Give every example, in the order of the document."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parameters = operation.get("parameters", [])
            if "requestBody" not in operation:
                yield Example(path, method, parameters)
            for media_type, form in operation.get("requestBody", {}).get("content", {}).items():
                for example in form["examples"].values():
                    yield Example(path, method, parameters, media_type, example["value"])
