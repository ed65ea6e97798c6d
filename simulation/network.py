"""The way between a device and its backend, and everything that can become of a request on it."""

import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from random import Random
from socket import gaierror
from typing import TYPE_CHECKING

from sampler.device.wire.answers import Answer
from simulation import diary
from simulation.backend import Backend, Refused, Reset
from simulation.world import World

if TYPE_CHECKING:
    from simulation.life import Life

Headers = Mapping[str, str]
_KEYS = "Idempotency-Key"


def _untrusted() -> OSError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


LOST: Mapping[str, type[OSError] | Callable[[], OSError]] = {
    "refused": ConnectionRefusedError,
    "reset before": ConnectionResetError,
    "no name": lambda: gaierror(-2, "Name or service not known"),
    "no trust": _untrusted,
    "black hole": TimeoutError,
}
"""What happens to a request of which nothing reaches the backend."""


STORED = ("reset after", "cut", "time-out after", "late", "twice", "drip")
"""What happens to one that does, in the end."""
STATUSES = (401, 403, 404, 408, 425, 429, 500, 502, 503, 504, 301)
"""What something in between answers in the backend's place."""
REJECTIONS = (400, 413, 415, 422)
MOST = 10
"""How many measurements the published interface takes in one array; our own backend would take more."""


class Network:
    """One device's way to the backend: `mood` is what happens on it, to a share `often` of the requests."""

    def __init__(self, world: World, backend: Backend, luck: Random) -> None:
        self._world, self._backend, self._luck = world, backend, luck
        self.mood: tuple[str, ...] = ()
        self.often = 0.0
        self.poisonous = 0.0
        """The share of measurements that something in between will never let pass."""
        self.wants_avg = False
        """Whether the backend is of the kind whose field is named `avg`."""
        self.diary = diary.Backend()
        self.defects: list[str] = []
        """What the backend refuses of its own accord, without a reason, and arrays that others would refuse."""
        self._poison: dict[str, int] = {}
        """The status with which each measurement that cannot pass is refused, by its key; 0 for one that can."""

    def post(self, life: "Life", path: str, body: bytes, headers: Headers, timeout_s: float) -> Answer:
        """Give the backend's answer, or somebody else's. Raises OSError for none."""
        if body.count(b'"start"') > MOST:
            self.defects.append(f"more than {MOST} measurements in one array: {body!r}")
        life.wait(self._luck.uniform(0.001, 0.05))
        what = self._luck.choice(self.mood) if self.mood and self._luck.random() < self.often else ""
        if what:
            self._world.faults[f"network: {what}"] += 1
        if what in LOST:
            life.wait(timeout_s if what == "black hole" else self._luck.uniform(0.0, 0.2))
            raise LOST[what]()
        if what.isdigit():
            return self._in_its_place(int(what))
        return self._reached(life, what, lambda: self._ask(path, body, headers), timeout_s)

    def _reached(self, life: "Life", what: str, ask: Callable[[], Answer], timeout_s: float) -> Answer:
        if what == "late":  # behind the repetition of it, perhaps behind others
            self._world.after(self._luck.uniform(0.1, 300.0), lambda: _quietly(ask))
            life.wait(timeout_s)
            raise TimeoutError
        if what == "drip":
            life.wait(self._luck.uniform(0.0, 0.9) * timeout_s)
        answer = ask()
        if what == "twice":  # a proxy between them repeats what was not answered in time
            answer = ask()
        if what == "reset after":
            raise ConnectionResetError
        if what == "time-out after":
            life.wait(timeout_s)
            raise TimeoutError
        if what == "cut":
            return Answer(answer.status, answer.phrase, answer.headers, answer.body[:5])
        return answer

    def _ask(self, path: str, body: bytes, headers: Headers) -> Answer:
        refusal = self._refusal(body, headers)
        if refusal:
            return refusal
        try:
            answer = self._backend.request("POST", path, headers, body)
        except Refused:
            raise ConnectionRefusedError from None
        except Reset:
            raise ConnectionResetError from None
        if answer.status in REJECTIONS:
            self.defects.append(f"the backend answers {answer.status} {answer.body!r} to {body!r}")
        names = {"Content-Type": answer.headers.get("content-type", "")}
        if "retry-after" in answer.headers:
            names["Retry-After"] = answer.headers["retry-after"]
        return Answer(answer.status, HTTPStatus(answer.status).phrase, names, answer.body, whole=True)

    def _refusal(self, body: bytes, headers: Headers) -> Answer | None:
        keys = headers.get(_KEYS, "")
        if self.wants_avg and b'"avg"' not in body and keys:
            return _problem(400, {"errors": {"Avg": ["The Avg field is required."]}})
        if not self.poisonous:
            return None
        for key in filter(None, keys.split(", ")):
            if key not in self._poison:
                poison = self._luck.random() < self.poisonous
                self._poison[key] = self._luck.choice(REJECTIONS) if poison else 0
            if status := self._poison[key]:
                self._world.faults["network: rejected"] += 1
                self.diary.refusals.append((status, keys.split(", ")))
                return _problem(status, {"title": f"never {key}"})
        return None

    def _in_its_place(self, status: int) -> Answer:
        asked = {"Retry-After": str(self._luck.randrange(400))} if status in {429, 503} else {}
        return Answer(status, HTTPStatus(status).phrase, asked, b"<html>garbage", whole=True)


def _quietly(ask: Callable[[], Answer]) -> None:
    with suppress(OSError):  # whoever asked does not listen any more
        ask()


def _problem(status: int, document: dict[str, object]) -> Answer:
    headers = {"Content-Type": "application/problem+json"}
    return Answer(status, HTTPStatus(status).phrase, headers, json.dumps(document).encode(), whole=True)
