"""Contract D as its published document has it, over HTTP to a process."""

import http.client
from typing import Any

import pytest
import requests

from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real

DOCUMENT = """\
1649941817 Voltage 1.34
1649941818 Voltage 1.35
1649941817 Current 12.0
1649941818 Current 14.0
"""
DAY = 86_400


def post(backend: BackendProcess, body: str, **headers: str) -> requests.Response:
    typed = {"Content-Type": "text/plain"} | headers
    return requests.post(f"{backend.url}/data", body.encode(), headers=typed, timeout=10)


def ask(backend: BackendProcess, **query: str) -> requests.Response:
    named = {"from": query.pop("start", ""), "to": query.pop("end", "")} | query
    return requests.get(
        f"{backend.url}/data", {key: value for key, value in named.items() if value}, timeout=10
    )


def listed(backend: BackendProcess, start: str, end: str, **query: str) -> list[tuple[str, str, float]]:
    answer = ask(backend, start=start, end=end, **query)
    assert answer.status_code == 200, answer.text
    return [(one["time"], one["name"], one["value"]) for one in answer.json()]


def test_the_documents_lines_give_its_list_and_its_power(backend: BackendProcess) -> None:
    answer = post(backend, DOCUMENT)

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert listed(backend, "2022-04-12", "2022-04-14") == [
        ("2022-04-14T00:00:00.000Z", "Power", 17.485),
        ("2022-04-14T13:10:17.000Z", "Current", 12.0),
        ("2022-04-14T13:10:17.000Z", "Voltage", 1.34),
        ("2022-04-14T13:10:18.000Z", "Current", 14.0),
        ("2022-04-14T13:10:18.000Z", "Voltage", 1.35),
    ]


def test_one_malformed_line_is_named_and_nothing_of_the_request_is_stored(backend: BackendProcess) -> None:
    answer = post(backend, "1650041817 Voltage 1.34\n1650041818 1.35 Voltage\n1650041819 Voltage 1.36\n")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    told: dict[str, Any] = answer.json()
    assert told == {"success": False, "errors": [{"line": 2, "reason": "the value must be a number"}]}
    assert listed(backend, "2022-04-15", "2022-04-15") == []


def test_crlf_and_no_final_newline_are_fine(backend: BackendProcess) -> None:
    assert post(backend, "1650100000 crlf 1\r\n1650100001 crlf 2\r\n").json() == {"success": True}
    assert post(backend, "1650100002 crlf 3").json() == {"success": True}

    assert [value for *_, value in listed(backend, "2022-04-16", "2022-04-16", name="crlf")] == [
        1.0,
        2.0,
        3.0,
    ]


def test_dates_are_inclusive_and_date_times_exact(backend: BackendProcess) -> None:
    midnight = 1_660_000_000 - 1_660_000_000 % DAY  # 2022-08-08
    post(backend, "".join(f"{midnight + second} edge 1\n" for second in (-1, 0, DAY - 1, DAY)))

    def times(start: str, end: str) -> list[str]:
        return [time for time, *_ in listed(backend, start, end, name="edge")]

    assert times("2022-08-08", "2022-08-08") == ["2022-08-08T00:00:00.000Z", "2022-08-08T23:59:59.000Z"]
    assert times("2022-08-07T23:59:59Z", "2022-08-08T00:00:00Z") == [
        "2022-08-07T23:59:59.000Z",
        "2022-08-08T00:00:00.000Z",
    ]
    assert times("2022-08-08T00:00:00.001Z", "2022-08-08T23:59:58.999Z") == []
    assert times("2022-08-08T02:00:00+02:00", "2022-08-08T02:00:00+02:00") == ["2022-08-08T00:00:00.000Z"]


def test_power_is_of_each_utc_day_that_has_both_and_of_the_range_asked_for(backend: BackendProcess) -> None:
    first = 1_670_025_600  # 2022-12-03T00:00:00Z
    lines = [
        f"{first + 10} Current 2",
        f"{first + DAY - 1} Voltage 3",
        f"{first + DAY} Current 5",  # the second day has no voltage
        f"{first + 2 * DAY} Current 1",
        f"{first + 2 * DAY} Voltage 7",
        f"{first + 2 * DAY + 60} Voltage 9",
    ]
    post(backend, "\n".join(lines))

    def powers(start: str, end: str) -> list[tuple[str, float]]:
        return [(time, value) for time, name, value in listed(backend, start, end) if name == "Power"]

    assert powers("2022-12-03", "2022-12-05") == [
        ("2022-12-03T00:00:00.000Z", 6.0),
        ("2022-12-05T00:00:00.000Z", 8.0),
    ]
    assert powers("2022-12-05T00:00:00Z", "2022-12-05T00:00:59Z") == [("2022-12-05T00:00:00.000Z", 7.0)]
    assert powers("2022-12-03T00:00:11Z", "2022-12-04") == []
    # The third day's is at its midnight, behind the readings of that instant.
    assert [name for _, name, _ in listed(backend, "2022-12-05", "2022-12-05")] == [
        "Current",
        "Voltage",
        "Power",
        "Voltage",
    ]


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("", "2022-04-14", "from"),
        ("2022-04-12", "", "to"),
        ("yesterday", "2022-04-14", "from"),
        ("2022-04-12", "2022-02-30", "to"),
        ("2022-04-14", "2022-04-12", "to"),
        ("2022-04-14T00:00:01Z", "2022-04-14T00:00:00Z", "to"),
        ("1969-12-31", "2022-04-14", "from"),
    ],
)
def test_what_is_no_range_is_refused(backend: BackendProcess, start: str, end: str, field: str) -> None:
    answer = ask(backend, start=start, end=end)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_a_name_posted_in_either_form_has_statistics_and_a_range(backend: BackendProcess) -> None:
    post(backend, "1650200000 both 1\n")
    json = '[{"sensor":"both","timestamp":"2022-04-17T12:53:21+00:00","value":3}]'
    post(backend, json, **{"Content-Type": "application/json"})

    statistics = requests.get(f"{backend.url}/statistics/both", timeout=10).json()
    assert statistics == {"last_measurement": "2022-04-17T12:53:21+00:00", "count": 2, "avg": 2.0}
    assert [value for *_, value in listed(backend, "2022-04-17", "2022-04-17", name="both")] == [1.0, 3.0]


def test_a_long_range_comes_as_a_stream(backend: BackendProcess) -> None:
    start = 1_640_995_200  # 2022-01-01
    post(backend, "".join(f"{start + second} long {second}\n" for second in range(30_000)))

    connection = http.client.HTTPConnection("127.0.0.1", backend.port, timeout=30)
    connection.request("GET", "/data?from=2022-01-01&to=2022-01-01&name=long")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Transfer-Encoding"]) == (200, "chunked")
    connection.close()
    assert [value for *_, value in listed(backend, "2022-01-01", "2022-01-01", name="long")] == [
        float(second) for second in range(30_000)
    ]


def test_a_repetition_under_its_key_is_stored_once(backend: BackendProcess) -> None:
    answers = [post(backend, "1650300000 keyed-line 1\n", **{"Idempotency-Key": "d-1"}) for _ in range(2)]

    assert [answer.text for answer in answers] == ['{"success":true}', '{"success":true}']
    assert post(backend, "1650300000 keyed-line 2\n", **{"Idempotency-Key": "d-1"}).status_code == 422
    assert len(listed(backend, "2022-04-18", "2022-04-18", name="keyed-line")) == 1
