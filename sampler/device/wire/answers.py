"""What an answer of the backend means for what was sent. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

# No repetition cures these. Every other 4xx is the operator's to cure, or time's.
_REJECTS = {400, 413, 415, 422}
_PASSES_SOON = {408, 425, 429}
_LONGEST_WORDS = 500
_LONGEST_WAIT_S = 3600.0


class Unreachable(Exception):  # noqa: N818 - named after what to do next, as every error here
    """Keep it and try at the next interval.

    `retry` tells whether trying again within this interval makes sense, `answered` whether there was an
    answer; `retry_after_s` is how long the backend asks to be left alone, at most an hour.
    """

    def __init__(
        self, reason: str, *, retry: bool = True, answered: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason, self.retry, self.answered, self.retry_after_s = reason, retry, answered, retry_after_s


class Rejected(Exception):  # noqa: N818 - as above
    """No repetition cures it: halve the array; alone, set it aside. `reason` has the backend's own words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """A status line, complete headers, and as much of the body as was read: `whole` if that is all of it."""

    status: int
    phrase: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False

    @property
    def delivered(self) -> bool:
        """Tell whether the backend took what was sent: the status decides, whatever became of the body."""
        return 200 <= self.status < 300

    @property
    def wants_avg(self) -> bool:
        """Tell whether the backend misses `avg`: the ASP.NET one says so in its problem's `errors`."""
        errors = self.problem.get("errors") if self.status == 400 else None
        keys = errors if isinstance(errors, dict) else {}
        return any(re.fullmatch(r"(\[\d+\]\.)?avg", key, re.IGNORECASE) for key in keys)

    @property
    def problem(self) -> dict[str, Any]:
        """Give the body's JSON object (RFC 9457), or an empty one."""
        if "json" not in self.headers.get("Content-Type", "").partition(";")[0].lower():
            return {}
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def judge(answer: Answer, now: datetime) -> None:
    """Return if the answer says delivered, else raise Rejected or Unreachable; `now` is the wall time."""
    if answer.delivered:
        return
    reason = _reason(answer)
    if answer.status in _REJECTS:
        raise Rejected(reason)
    retry = not 300 <= answer.status < 500 or answer.status in _PASSES_SOON
    raise Unreachable(reason, retry=retry, answered=True, retry_after_s=_retry_after_s(answer.headers, now))


def one_line(text: str) -> str:
    """Make any text fit for a log line: printable, single spaces, at most 500 characters."""
    printable = "".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST_WORDS])
    return " ".join(printable.split())[:_LONGEST_WORDS]


def _reason(answer: Answer) -> str:
    known = {status.value: status.phrase for status in HTTPStatus}
    status = f"{answer.status} {answer.phrase or known.get(answer.status, '')}".strip()
    if 300 <= answer.status < 400:
        words = f"not followed to {answer.headers.get('Location', 'nowhere')}; is backend.url right?"
    elif 400 <= answer.status < 500:
        words = " ".join(_words(answer))
    else:  # its words (a trace, a request's number) differ each time, and each would be news in the log
        words = ""
    return one_line(f"{status}: {words}" if words else status)


def _words(answer: Answer) -> Iterator[str]:
    problem = answer.problem
    if not problem:
        text = answer.body.decode(errors="replace").strip()
        yield text.partition("\n")[0]
        return
    yield from (str(problem[key]) for key in ("title", "detail") if problem.get(key))
    errors = problem.get("errors")
    for key, texts in errors.items() if isinstance(errors, dict) else ():
        yield f"{key}: {' '.join(map(str, texts)) if isinstance(texts, list) else texts}"


def _retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date, best compared with the backend's own clock."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), _LONGEST_WAIT_S)
    until = _date(asked)
    if until is None:
        return None
    wait_s = (until - (_date(headers.get("Date", "")) or now)).total_seconds()
    return min(wait_s, _LONGEST_WAIT_S) if wait_s >= 0 else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
