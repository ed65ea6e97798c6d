"""Log lines for whoever reads them: a person, the journal, or a program."""

import io
import json
import logging
import math
import os
import re
from collections.abc import Callable
from typing import Any, TextIO

from sampler.measurement import NS_PER_MS, from_nanoseconds, iso

_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_COLOURS = {"debug": "2", "warning": "33", "error": "31", "critical": "31;1"}
_SECRETS = re.compile(r"(?<=://)[^/\s]+(?=@)|(?<=Bearer )[^\s\"',]+", re.IGNORECASE)
# A backend's words or a line of the ADC's must not paint on the operator's terminal.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


def configure(level: str, form: str, stream: TextIO) -> None:
    """Send the logs of `sampler` from `level` up to the stream, in form auto, human, journald or json.

    Can be called again, to change any of them.
    """
    formatter = _FORMS[_suitable(stream) if form == "auto" else form](stream)
    logging.getLogger("sampler").setLevel(level.upper())
    # Its warnings tell of each failed try; delivery tells once, on the change.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    handler = line_handler()
    handler.setStream(stream)
    handler.setFormatter(formatter)


def line_handler() -> "LineHandler":
    """Give the one handler that writes log lines; installs it if nobody has."""
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, LineHandler):
            return handler
    handler = LineHandler()
    root.addHandler(handler)
    return handler


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes a line a record, without secrets.

    Whoever draws on the same terminal sets `before_line` (wipe) and `after_line` (draw again), which are
    called with the handler's lock held, and draws under `lock` itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before_line: Callable[[], object] = _nothing
        self.after_line: Callable[[], object] = _nothing

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record between the two calls."""
        self.before_line()
        super().emit(record)
        self.after_line()

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, with tokens and passwords struck out."""
        return _SECRETS.sub("***", super().format(record))


class HumanFormatter(logging.Formatter):
    """`2021-04-12 20:20:20Z warning: message`: UTC as everywhere, the level unless it is info."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__()
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; further lines of the same message are indented."""
        level = record.levelname.lower()
        text = _clean(super().format(record)).replace("\n", "\n    ")
        text = text if level == "info" else f"{level}: {text}"
        if self._colour and level in _COLOURS:
            text = f"\x1b[{_COLOURS[level]}m{text}\x1b[0m"
        return f"{_time(record)[:19].replace('T', ' ')}Z {text}"


class JournaldFormatter(logging.Formatter):
    """`<4>message`: the journal knows the time. Each line has the priority, as sd-daemon(3) wants it."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line or lines."""
        priority = f"<{_PRIORITIES.get(record.levelname.lower(), 6)}>"
        return "\n".join(priority + line for line in _clean(super().format(record)).split("\n"))


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, and what the call gave as `extra={"data": {…}}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; the four fields win over data of the same name."""
        fields = {
            **getattr(record, "data", {}),
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: _finite(value) for name, value in fields.items()}, default=str)


_FORMS: dict[str, Callable[[TextIO], logging.Formatter]] = {
    "human": lambda stream: HumanFormatter(colour=_takes_colour(stream)),
    "journald": lambda _: JournaldFormatter(),
    "json": lambda _: JsonFormatter(),
}


def _suitable(stream: TextIO) -> str:
    return "journald" if not stream.isatty() and _is_journal(stream) else "human"


def _is_journal(stream: TextIO) -> bool:
    # systemd's rule: the variable is inherited, so only the very same file is the journal.
    try:
        status = os.fstat(stream.fileno())
    except (OSError, io.UnsupportedOperation):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _takes_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _clean(text: str) -> str:
    return text.translate(_CONTROLS)


def _time(record: logging.LogRecord) -> str:
    return iso(from_nanoseconds(int(record.created * 1000) * NS_PER_MS))


def _finite(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _nothing() -> None:
    pass
