"""The documentation's pages: complete, ours, and nothing inline."""

import re
from importlib.util import find_spec
from typing import Any

import pytest
from litestar.testing import TestClient

Client = TestClient[Any]
installed = pytest.mark.skipif(find_spec("swagger_ui") is None, reason="needs swagger-ui-py")


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', page)


@installed
def test_everything_that_the_page_names_is_there_and_ours(client: Client) -> None:
    page = client.get("/docs")

    assert page.headers["Content-Type"].startswith("text/html")
    assert len(addresses(page.text)) == 4
    for address in addresses(page.text):
        assert address.startswith("/docs/")
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content


@installed
def test_the_version_is_one_that_reads_openapi_3_1(client: Client) -> None:
    version = re.search(r'PACKAGE_VERSION:"(\d+)\.', client.get("/docs/swagger-ui-bundle.js").text)

    assert version
    assert int(version[1]) >= 5


def test_the_page_s_policy_lets_in_nothing_inline_and_nobody_else(client: Client) -> None:
    answer = client.get("/docs")

    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in str(policy)
    assert not re.search(r"<script>|<style|\son\w+=|style=|javascript:", answer.text)
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("name", ["core.py", "%2e%2e/__init__.py", "..%2f__init__.py", "swagger-editor.js"])
def test_other_files_are_not_given(client: Client, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404


def test_a_browser_that_asks_for_an_icon_is_told_there_is_none(client: Client) -> None:
    assert client.get("/favicon.ico").status_code == 204
