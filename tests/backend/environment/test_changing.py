"""New values for a row, from its owner."""

from typing import Any

import pytest

from tests.backend.environment.conftest import User
from tests.backend.environment.speaking import row


@pytest.fixture
def stored(ada: User) -> dict[str, Any]:
    (stored,) = ada.post([row()]).json()
    return dict(stored)


def test_a_row_takes_values_from_the_body(ada: User, stored: dict[str, Any]) -> None:
    answer = ada.put(
        f"/v1/data/{stored['id']}", {"temperature": -3.5, "timestamp": "2022-02-01T00:00:00+01:00"}
    )

    assert answer.status_code == 200
    assert answer.json() == stored | {"temperature": -3.5, "timestamp": "2022-01-31T23:00:00.000Z"}
    assert ada.rows() == [answer.json()]


def test_a_row_takes_values_from_the_query(ada: User, stored: dict[str, Any]) -> None:
    answer = ada.put(f"/v1/data/{stored['id']}/", sensor_id="cellar", humidity="5e1")

    assert (answer.status_code, answer.json()) == (200, stored | {"sensor_id": "cellar", "humidity": 50.0})


def test_the_plus_of_an_offset_may_stand_in_the_query_as_it_is_and_in_the_body_is_no_space(
    ada: User, stored: dict[str, Any]
) -> None:
    row = f"/v1/data/{stored['id']}"

    answer = ada.client.put(f"{row}?timestamp=2022-03-01T00:00:00+01:00", headers=ada.headers)
    refused = ada.put(row, {"timestamp": "2022-03-01T00:00:00 01:00"})

    assert (answer.status_code, answer.json()) == (200, stored | {"timestamp": "2022-02-28T23:00:00.000Z"})
    assert list(refused.json()["errors"]) == ["timestamp"]


@pytest.mark.parametrize("given", [{"values": {"pressure": 0}}, {"pressure": "0"}])
def test_zero_is_a_value(ada: User, stored: dict[str, Any], given: dict[str, Any]) -> None:
    assert ada.put(f"/v1/data/{stored['id']}", **given).json() == stored | {"pressure": 0.0}


@pytest.mark.parametrize(
    "given", [{"values": {"pressure": -0.0}}, {"pressure": "-0"}, {"pressure": "-1e-999"}]
)
def test_a_zero_has_no_sign(ada: User, stored: dict[str, Any], given: dict[str, Any]) -> None:
    answer = ada.put(f"/v1/data/{stored['id']}", **given)

    assert answer.text.endswith('"pressure":0.0}')
    assert ada.get().text.startswith(f'{{"data":[{answer.text}]')


def test_of_body_and_query_the_body_counts(ada: User, stored: dict[str, Any]) -> None:
    answer = ada.put(f"/v1/data/{stored['id']}", {"humidity": 1}, humidity=2, pressure=3)

    assert answer.json() == stored | {"humidity": 1.0, "pressure": 3.0}


def test_nothing_new_is_refused(ada: User, stored: dict[str, Any]) -> None:
    answers = [ada.put(f"/v1/data/{stored['id']}"), ada.put(f"/v1/data/{stored['id']}", {}, colour="red")]

    assert {answer.status_code for answer in answers} == {400}


def test_a_bad_value_changes_nothing(ada: User, stored: dict[str, Any]) -> None:
    answer = ada.put(f"/v1/data/{stored['id']}", {"humidity": 1}, temperature="warm", timestamp="2300-01-01")

    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "temperature": ["It must be a number."],
        "timestamp": ["It must lie between 1970 and 2200."],
    }
    assert ada.rows() == [stored]


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "kitchen", "9" * 18, "9" * 30, "%00", "1%2F2"])
def test_an_unknown_row_is_answered_404(ada: User, number: str) -> None:
    assert ada.put(f"/v1/data/{number}", {"humidity": 1}).status_code == 404


def test_the_row_of_another_user_is_as_unknown_as_one_that_is_not_there(
    ada: User, eva: User, stored: dict[str, Any]
) -> None:
    theirs = eva.put(f"/v1/data/{stored['id']}", {"humidity": 1})
    nobodys = eva.put(f"/v1/data/{10**17}", {"humidity": 1})

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["detail"] == nobodys.json()["detail"].replace(str(10**17), str(stored["id"]))
    assert ada.rows() == [stored]


def test_a_changed_row_is_found_by_its_new_values_only(ada: User, stored: dict[str, Any]) -> None:
    ada.put(f"/v1/data/{stored['id']}", {"sensor_id": "cellar", "timestamp": "2023-01-01"})

    assert ada.found("/v1/data/kitchen")["data"] == ada.found(end_date="2022")["data"] == []
    assert len(ada.found("/v1/data/cellar", start_date="2023")["data"]) == 1


def test_a_body_that_is_not_said_to_be_json_is_refused(ada: User, stored: dict[str, Any]) -> None:
    answer = ada.client.put(f"/v1/data/{stored['id']}", content=b"humidity=1", headers=ada.headers)

    assert answer.status_code == 415
