"""Contract A as its published document and the published backend's source have it, over HTTP to a process."""

from pathlib import Path

import pytest
import requests

from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real

START, END = "2021-04-12T20:20:20.000Z", "2021-04-12T20:22:20.000Z"
DOCUMENT = """
{"time": {"start": "2021-04-12T20:20:20.000Z", "end": "2021-04-12T20:22:20.000Z"},
 "min": 1.11, "max": 1.13, "average": 1.12}
"""
JSON = {"Content-Type": "application/json"}


def post(backend: BackendProcess, path: str, body: str, **headers: str) -> requests.Response:
    return requests.post(backend.url + path, body.encode(), headers=JSON | headers, timeout=10)


def test_the_documents_example_is_answered_200_with_an_empty_body(backend: BackendProcess) -> None:
    answer = post(backend, "/api/temperature", DOCUMENT)

    assert (answer.status_code, answer.content) == (200, b"")
    last = backend.measurements()[-1]
    assert last["time"] == {"start": START, "end": END}
    assert (last["min"], last["max"], last["average"]) == (1.11, 1.13, 1.12)


def test_the_published_models_form_with_avg_is_taken_too(backend: BackendProcess) -> None:
    assert post(backend, "/api/temperature", DOCUMENT.replace("average", "avg")).status_code == 200


def test_the_example_makes_the_published_output_line(backend: BackendProcess) -> None:
    post(backend, "/api/temperature", DOCUMENT)

    assert backend.output_file.read_text() == (
        "[2021-04-12T20:20:20.0000000Z-2021-04-12T20:22:20.0000000Z] max: 1.13 min: 1.11 avg: 1.12\n"
    )


def test_ten_that_were_missing_arrive_in_one_array(backend: BackendProcess) -> None:
    before = len(backend.measurements())

    answer = post(backend, "/api/temperature/missing", f"[{','.join([DOCUMENT] * 10)}]")

    assert (answer.status_code, answer.content) == (200, b"")
    assert len(backend.measurements()) == before + 10


def test_an_empty_array_is_accepted(backend: BackendProcess) -> None:
    before = len(backend.measurements())

    assert post(backend, "/api/temperature/missing", "[]").status_code == 200
    assert len(backend.measurements()) == before


def test_a_missing_average_is_a_problem_under_the_models_name(backend: BackendProcess) -> None:
    answer = post(backend, "/api/temperature", DOCUMENT.replace("average", "mean"))

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"] == {"Avg": ["The Avg field is required."]}


def test_one_bad_element_rejects_the_whole_array_and_is_named(backend: BackendProcess) -> None:
    before = len(backend.measurements())
    bad = DOCUMENT.replace("average", "mean").replace("1.11", "-50.01")

    answer = post(backend, "/api/temperature/missing", f"[{DOCUMENT},{bad}]")

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"[1].Avg", "[1].Min"}
    assert len(backend.measurements()) == before


def test_what_is_not_declared_as_json_is_answered_415(backend: BackendProcess) -> None:
    answer = post(backend, "/api/temperature", DOCUMENT, **{"Content-Type": "text/plain"})

    assert answer.status_code == 415


def test_four_requests_in_ten_fail_with_500_and_store_nothing(tmp_path: Path) -> None:
    both = [("/api/temperature", DOCUMENT), ("/api/temperature/missing", f"[{DOCUMENT}]")]
    with BackendProcess(tmp_path, "--fail-rate", "0.4", "--seed", "1") as backend:
        answers = [post(backend, path, body).status_code for path, body in both * 100]

        assert set(answers) == {200, 500}
        # 200 draws at 0.4: 80 are expected, and 52 to 108 is four standard deviations (6.9) about it.
        assert 52 <= answers.count(500) <= 108
        assert len(backend.measurements()) == answers.count(200)
