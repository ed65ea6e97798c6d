"""A backend's answer, written as HTTP writes it: what the device makes of status, headers and body."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from requests.structures import CaseInsensitiveDict

from fuzzing.target import Target
from sampler.device.wire.answers import Answer, Rejected, Unreachable, judge, one_line

_NOW = datetime(2021, 4, 12, 20, 20, 20, tzinfo=UTC)
_REJECTS = {400, 413, 415, 422}
_SOON = {408, 425, 429}


def one(data: bytes) -> None:
    answer = read(data)
    assert isinstance(answer.problem, dict)
    assert not answer.wants_avg or answer.status == 400
    try:
        judge(answer, _NOW)
    except Rejected as rejected:
        assert answer.status in _REJECTS
        check_reason(rejected.reason, answer)
    except Unreachable as unreachable:
        assert not 200 <= answer.status < 300
        assert answer.status not in _REJECTS
        assert unreachable.answered
        assert unreachable.retry == (answer.status in _SOON or not 300 <= answer.status < 500)
        check_reason(unreachable.reason, answer)
        check_wait(unreachable.retry_after_s, answer)
    else:
        assert 200 <= answer.status < 300
    text = data.decode("utf-8", "replace")
    check_line(one_line(text))


def read(data: bytes) -> Answer:
    head, _, body = data.partition(b"\n\n")
    status, *lines = head.split(b"\n")
    number, _, phrase = status.partition(b" ")
    headers = CaseInsensitiveDict[str]()
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.decode("latin-1")] = value.strip().decode("latin-1")
    return Answer(int.from_bytes(number[-2:], "big") if not number.isdigit() else int(number[:3]),
                  phrase.decode("latin-1"), headers, body, whole=len(body) % 2 == 0)  # fmt: skip


def check_reason(reason: str, answer: Answer) -> None:
    assert reason.startswith(str(answer.status))
    check_line(reason)


def check_line(line: str) -> None:
    assert line.isprintable()
    assert len(line) <= 500
    assert one_line(line) == line.rstrip()


def check_wait(wait_s: float | None, answer: Answer) -> None:
    assert wait_s is None or 0 <= wait_s <= 3600
    asked = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]+", asked, re.ASCII):
        assert wait_s == min(float(asked), 3600)


def seeds() -> Iterator[bytes]:
    yield b"200 OK\nContent-Length: 0\n\n"
    yield b'400 Bad Request\nContent-Type: application/problem+json\n\n{"title":"no","errors":{"Avg":["is required"]}}'
    yield b'400 \nContent-Type: text/json;a\n\n{"errors":{"[3].avg":"x"},"detail":"d\\n\\u0000"}'
    yield b"429 Too Many Requests\nRetry-After: 120\n\n"
    yield b"503 Unavailable\nRetry-After: Mon, 12 Apr 2021 20:25:20 GMT\nDate: Mon, 12 Apr 2021 20:20:20 GMT\n\n"
    yield b"302 Found\nLocation: http://elsewhere/\n\n<html>"
    yield b"422 \nContent-Type: application/json\n\n[[[[" + b"[" * 2000
    yield b"500 Internal Server Error\nRetry-After: Mon, 12 Apr 0001 20:25:20 -2359\n\ntrace\nback"


TARGET = Target(
    "a backend's answer",
    one,
    seeds,
    (
        *(b"Retry-After:", b"Date:", b"Location:", b"Content-Type: application/json", b"GMT", b"9" * 400),
        *(b'"errors":', b'"title":', b'"detail":', b'"avg"', b"\n\n", b"\xe2\x80\xa8", b"[[[[[[[["),
    ),
    quick=700,
)
