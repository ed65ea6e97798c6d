"""Contract E's data as its published document has it, over HTTP to a process, with a login."""

import itertools
from typing import Any

import pytest
import requests

from tests.backend_process import BackendProcess

pytestmark = pytest.mark.real

_numbers = itertools.count(1)
ROWS = [
    {
        "sensor_id": "sensor1",
        "timestamp": "2022-01-05T10:00:00Z",
        "temperature": 20,
        "humidity": 40.5,
        "pressure": 1000,
    },
    {
        "sensor_id": "sensor1",
        "timestamp": "2022-01-05T10:30:00Z",
        "temperature": 22,
        "humidity": 41.5,
        "pressure": 1001,
    },
    {
        "sensor_id": "sensor2",
        "timestamp": "2022-02-01T00:00:00Z",
        "temperature": 0,
        "humidity": 90,
        "pressure": 990,
    },
]


class User:
    """Somebody who registered and logged in as the document says."""

    def __init__(self, backend: BackendProcess) -> None:
        self.url = backend.url
        number = next(_numbers)
        document = {"username": "Ada", "email": f"ada{number}@sensors.example", "password": "secret"}
        assert self.ask("POST", "/auth/register", json=document).status_code == 201
        login = self.ask("POST", "/auth/login", json=document)
        self.token = login.json()["access_token"]

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        token = getattr(self, "token", None)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(method, self.url + path, headers=headers, timeout=10, **more)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def user(backend: BackendProcess) -> User:
    return User(backend)


@pytest.fixture
def stored(user: User) -> list[dict[str, Any]]:
    answer = user.ask("POST", "/v1/data/", json=ROWS)
    assert answer.status_code == 201
    return list(answer.json())


def test_the_stored_rows_are_given_back_with_their_ids(stored: list[dict[str, Any]]) -> None:
    assert len({row["id"] for row in stored}) == 3
    for sent, got in zip(ROWS, stored, strict=True):
        assert {**got, "timestamp": got["timestamp"].replace(".000Z", "Z")} == {"id": got["id"], **sent}


@pytest.mark.parametrize(
    "path", ["/v1/data", "/v1/data/", "/v1/data/sensor1", "/v1/data/aggregate", "/v1/data/aggregate/"]
)
def test_all_of_v1_wants_a_bearer(backend: BackendProcess, path: str) -> None:
    assert requests.get(backend.url + path, timeout=10).status_code == 401
    assert requests.post(f"{backend.url}/v1/data/", json=ROWS, timeout=10).status_code == 401


def test_the_list_has_data_and_pagination(user: User, stored: list[dict[str, Any]]) -> None:
    assert user.get("/v1/data/", per_page=2) == {
        "data": stored[:2],
        "pagination": {
            "total": 3,
            "pages": 2,
            "current_page": 1,
            "next_page": 2,
            "prev_page": None,
            "per_page": 2,
        },
    }
    assert user.get("/v1/data", page=2, per_page=2)["data"] == stored[2:]


def test_a_sensor_has_its_own_list(user: User, stored: list[dict[str, Any]]) -> None:
    assert user.get("/v1/data/sensor1")["data"] == stored[:2]
    assert user.get("/v1/data/sensor1/", page=1, per_page=1)["data"] == stored[:1]
    assert user.get("/v1/data/unknown")["data"] == []


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({"sensor_id": "sensor2"}, [2]),
        ({"start_date": "2022-02"}, [2]),
        ({"end_date": "2022-01"}, [0, 1]),
        ({"start_time": "2022-01-05T10:00:01Z", "end_time": "2022-01-05T10:30:00Z"}, [1]),
        ({"start_date": "2022-01-05", "end_date": "2022-01-05"}, [0, 1]),
        ({"min_temperature": 20}, [0, 1]),
        ({"max_temperature": 0}, [2]),
        ({"min_humidity": 41, "max_humidity": 42}, [1]),
        ({"max_pressure": 1000, "sensor_id": "sensor1"}, [0]),
    ],
)
def test_filters(user: User, stored: list[dict[str, Any]], query: dict[str, Any], places: list[int]) -> None:
    assert user.get("/v1/data/", **query)["data"] == [stored[place] for place in places]


@pytest.mark.parametrize("aggregate", ["hourly", "daily", "monthly"])
def test_a_list_is_aggregated_by_sensor_and_calendar(
    user: User, stored: list[dict[str, Any]], aggregate: str
) -> None:
    found = user.get("/v1/data/", aggregate=aggregate)

    assert [(group["sensor_id"], group["count"]) for group in found["data"]] == [
        ("sensor1", 2),
        ("sensor2", 1),
    ]
    assert found["data"][0]["temperature"] == {"min": 20.0, "max": 22.0, "mean": 21.0}
    assert found["pagination"]["total"] == 2


@pytest.mark.parametrize(
    ("by", "counts"), [("hour", [2, 1]), ("day", [2, 1]), ("month", [2, 1]), ("year", [3])]
)
def test_everything_is_aggregated_in_the_range_asked_for(
    user: User, stored: list[dict[str, Any]], by: str, counts: list[int]
) -> None:
    found = user.get("/v1/data/aggregate", by=by)["data"]

    assert [group["count"] for group in found] == counts
    assert found[0]["humidity"]["min"] == 40.5
    assert len(user.get("/v1/data/aggregate", by=by, start_date="2022-01", end_date="2022-01")["data"]) == 1


def test_a_row_is_changed_in_the_body_or_the_query_and_zero_is_a_value(
    user: User, stored: list[dict[str, Any]]
) -> None:
    path = f"/v1/data/{stored[0]['id']}"

    in_body = user.ask("PUT", path, json={"temperature": 0})
    in_query = user.ask("PUT", f"{path}/?pressure=0")

    assert (in_body.status_code, in_body.json()) == (200, stored[0] | {"temperature": 0.0})
    assert (in_query.status_code, in_query.json()) == (200, stored[0] | {"temperature": 0.0, "pressure": 0.0})
    assert user.get("/v1/data/")["data"][0] == in_query.json()


def test_unknown_rows_and_those_of_others_are_answered_404(
    user: User, stored: list[dict[str, Any]], backend: BackendProcess
) -> None:
    another = User(backend)

    assert user.ask("PUT", f"/v1/data/{10**12}", json={"temperature": 1}).status_code == 404
    assert another.ask("PUT", f"/v1/data/{stored[0]['id']}", json={"temperature": 1}).status_code == 404
    assert another.get("/v1/data/")["data"] == []


def test_one_bad_row_keeps_the_whole_array_out(user: User) -> None:
    answer = user.ask("POST", "/v1/data/", json=[*ROWS, {"sensor_id": "sensor1"}])

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert user.get("/v1/data/")["data"] == []
