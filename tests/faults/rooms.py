"""What clients send to each room of the backend again and again, and what must be there of it in the end."""

from collections.abc import Collection
from typing import Protocol

import requests

from tests.backend.signing_in import bearer
from tests.backend_process import BackendProcess

PATIENCE_S = 15


class Room(Protocol):
    """One contract's way to write numbers, each under a key of its own, and to see which are there."""

    def post(self, client: requests.Session, url: str, number: int) -> requests.Response:
        """Write the number; however often it is said, it counts once."""

    def read(self, client: requests.Session, url: str) -> requests.Response:
        """Ask for something that was written."""

    def check(self, url: str, numbers: Collection[int]) -> None:
        """See that exactly these numbers are there, each once."""


class Temperatures:
    """Contract A."""

    def post(self, client: requests.Session, url: str, number: int) -> requests.Response:
        document = {
            "time": {"start": "2021-04-12T20:20:20.000Z", "end": "2021-04-12T20:22:20.000Z"},
            "min": -1.0,
            "max": 1.0,
            "average": number % 50,
        }
        headers = {"X-Device": "kitchen", "Idempotency-Key": f"a-{number}"}
        return client.post(f"{url}/api/temperature", json=document, headers=headers, timeout=PATIENCE_S)

    def read(self, client: requests.Session, url: str) -> requests.Response:
        return client.get(f"{url}/api/temperature", timeout=PATIENCE_S)

    def check(self, url: str, numbers: Collection[int]) -> None:
        query = {"limit": "10000", "device": "kitchen"}
        answer = requests.get(f"{url}/api/temperature", query, timeout=PATIENCE_S)
        stored = {found["key"]: found["average"] for found in answer.json()}
        assert stored == {f"a-{number}": number % 50 for number in numbers}
        assert len(answer.json()) == len(stored)


class Readings:
    """Contracts B and D: even numbers are posted as JSON, odd ones as lines."""

    SENSORS = 3

    def post(self, client: requests.Session, url: str, number: int) -> requests.Response:
        sensor, second = f"sensor{number % self.SENSORS}", 1_636_407_489 + number
        headers = {"Idempotency-Key": f"b-{number}"}
        if number % 2:
            headers["Content-Type"] = "text/plain"
            line = f"{second} {sensor} {number}\n"
            return client.post(f"{url}/data", line.encode(), headers=headers, timeout=PATIENCE_S)
        time = f"2021-11-08T21:{number // 60 % 60:02}:{number % 60:02}+00:00"
        reading = {"sensor": sensor, "timestamp": time, "value": number}
        return client.post(f"{url}/data", json=[reading], headers=headers, timeout=PATIENCE_S)

    def read(self, client: requests.Session, url: str) -> requests.Response:
        return client.get(f"{url}/statistics/sensor0", timeout=PATIENCE_S)

    def check(self, url: str, numbers: Collection[int]) -> None:
        for remainder in range(self.SENSORS):
            of_sensor = [number for number in numbers if number % self.SENSORS == remainder]
            answer = requests.get(f"{url}/statistics/sensor{remainder}", timeout=PATIENCE_S).json()
            assert answer["count"] == len(of_sensor)
            # The average of whole numbers below 2^53 is their exact one, rounded once.
            assert answer["avg"] == (sum(of_sensor) / len(of_sensor) if of_sensor else 0.0)


class Customers:
    """Contract C."""

    def __init__(self, backend: BackendProcess) -> None:
        backend.command("customers", "load-sample")

    def post(self, client: requests.Session, url: str, number: int) -> requests.Response:
        document = {
            "customerID": 1,
            "tagID": number,
            "userID": "aaaaaaaa-bbbb-cccc-1111-222222222222",
            "remoteIP": "123.234.56.78",
            "timestamp": 1500000000,
        }
        headers = {"customer-id": "1", "Idempotency-Key": f"c-{number}"}
        return client.post(f"{url}/", json=document, headers=headers, timeout=PATIENCE_S)

    def read(self, client: requests.Session, url: str) -> requests.Response:
        return client.get(f"{url}/customerStats", params={"customer_id": "1"}, timeout=PATIENCE_S)

    def check(self, url: str, numbers: Collection[int]) -> None:
        with requests.Session() as client:
            hours = self.read(client, url).json().values()
        assert sum(hour["total_requests"] for hour in hours) == len(numbers)
        assert sum(hour["invalid_requests"] for hour in hours) == 0


class Environment:
    """Contract E: three rows a number, and a batch that takes several commits for some."""

    FEW, MANY = 3, 1100

    def __init__(self, signed_in: dict[str, str]) -> None:
        self._signed_in = signed_in

    def post(self, client: requests.Session, url: str, number: int) -> requests.Response:
        row = {
            "sensor_id": f"room{number}",
            "timestamp": "2021-11-08T21:38:09Z",
            "temperature": 21.5,
            "humidity": 40,
            "pressure": 1013,
        }
        headers = self._signed_in | {"Idempotency-Key": f"e-{number}"}
        body = [row] * self._rows(number)
        return client.post(f"{url}/v1/data/", json=body, headers=headers, timeout=PATIENCE_S)

    def read(self, client: requests.Session, url: str) -> requests.Response:
        return client.get(f"{url}/v1/data", headers=self._signed_in, timeout=PATIENCE_S)

    def check(self, url: str, numbers: Collection[int]) -> None:
        query = {"aggregate": "daily", "per_page": "1000"}
        counts: dict[str, int] = {}
        page = 1
        while page:
            answer = requests.get(
                f"{url}/v1/data",
                params=query | {"page": str(page)},
                headers=self._signed_in,
                timeout=PATIENCE_S,
            ).json()
            counts |= {found["sensor_id"]: found["count"] for found in answer["data"]}
            page = answer["pagination"]["next_page"]
        assert counts == {f"room{number}": self._rows(number) for number in numbers}

    def _rows(self, number: int) -> int:
        return self.MANY if number % 10 == 7 else self.FEW


def rooms_of(backend: BackendProcess) -> list[Room]:
    """Every room, ready to be written to: the customers and the user are added."""
    signed_in = bearer(backend.database_url, backend.key_file)
    return [Temperatures(), Readings(), Customers(backend), Environment(signed_in)]
