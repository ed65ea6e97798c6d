"""What Prometheus reads."""

import math
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.parser import text_string_to_metric_families

from tests.backend.conftest import Serve
from tests.backend.speaking import document, post

Client = TestClient[Any]
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures(client: Client) -> Figures:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == CONTENT_TYPE_LATEST
    return {
        (sample.name.removeprefix("sampler_backend_"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def figure(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def test_requests_are_counted_by_route_method_and_what_they_came_to(client: Client) -> None:
    post(client, document())
    post(client, document())
    post(client, document(min=None))
    client.get("/statistics/sensor1")
    client.get("/statistics/sensor2")

    found = figures(client)
    at = {"endpoint": "/api/temperature", "method": "POST"}
    assert figure(found, "requests_total", **at, status="2xx") == 2
    assert figure(found, "requests_total", **at, status="4xx") == 1
    assert figure(found, "request_seconds_count", **at) == 3
    assert 0 < figure(found, "request_seconds_sum", **at) < 10
    # Templates, not addresses: a sensor more is no series more.
    (sensors,) = {
        labels for name, labels in found if name == "requests_total" and "statistics" in str(labels)
    }
    assert found["requests_total", sensors] == 2


def test_what_a_client_makes_up_is_no_new_series(client: Client) -> None:
    for number in range(3):
        client.get(f"/nothing{number}")
        client.request(f"BREW{number}", "/api/temperature")

    found = figures(client)
    assert figure(found, "requests_total", endpoint="(unknown)", method="GET", status="4xx") == 3
    assert figure(found, "requests_total", endpoint="(unknown)", method="(other)", status="4xx") == 3
    assert not [labels for _, labels in found if "nothing" in str(labels) or "BREW" in str(labels)]


def test_refusals_are_counted_by_status(client: Client) -> None:
    post(client, document(min=None))
    post(client, document(), **{"Content-Type": "text/plain"})
    client.get("/nothing")

    found = figures(client)
    assert [figure(found, "refusals_total", status=status) for status in ("400", "415", "404", "413")] == [
        1,
        1,
        1,
        0,
    ]


def test_what_is_stored_is_counted_once_however_often_it_comes(client: Client) -> None:
    identity = {"X-Device": "kitchen", "Idempotency-Key": "k-1"}
    for _ in range(2):
        assert post(client, document(), **identity).status_code == 200
    post(client, [document()] * 3)

    assert figure(figures(client), "stored_total", kind="measurements") == 4


def test_commits_are_counted_and_timed(client: Client) -> None:
    before = figures(client)
    post(client, document())

    after = figures(client)

    def gained(name: str) -> float:
        return figure(after, name) - figure(before, name)

    # At least: the backend has things of its own to write.
    assert gained("commit_operations_count") >= 1
    assert gained("commit_operations_sum") >= 1
    assert gained("commit_seconds_count") == gained("commit_operations_count")
    assert 0 < gained("commit_seconds_sum") < 10


def test_what_is_going_on_is_told(client: Client) -> None:
    found = figures(client)

    assert figure(found, "requests_in_flight") == 1  # this one
    assert found["commit_queue_operations", frozenset()] < 10  # the backend has things of its own to write
    assert figure(found, "receipts_dropped_total") == 0
    assert figure(found, "store_bytes") > 4096
    assert [value for (name, _), value in found.items() if name == "build_info"] == [1]
    assert ("process_resident_memory_bytes", frozenset()) in found


def test_a_store_that_is_away_hides_only_its_size(client: Client, tmp_path: Path) -> None:
    (tmp_path / "backend.db").rename(tmp_path / "away.db")

    assert math.isnan(figure(figures(client), "store_bytes"))


@pytest.mark.usefixtures("database_url")
def test_each_backend_has_figures_of_its_own(serve: Serve) -> None:
    first, second = serve(), serve()
    post(first, document())

    counts = [figure(figures(each), "stored_total", kind="measurements") for each in (first, second)]
    assert counts == [1, 0]
