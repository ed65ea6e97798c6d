"""Where codes come from. A further source is one file here, and one line in `sensor.SOURCES`."""

from typing import Literal, Protocol

Kind = Literal["blank", "unreadable", "out_of_range", "failed", "hung"]


class BadReading(Exception):  # noqa: N818 - the word of the documents for it
    """Count it by its kind, log the change, read on at the next tick. The text is one line with the place."""

    def __init__(self, kind: Kind, text: str) -> None:
        super().__init__(text)
        self.kind: Kind = kind


class NoValue(Exception):  # noqa: N818 - nothing is wrong: it is the answer "not yet"
    """Count the reading as missed: no new value has come, such as to a followed file that has not grown."""


class Ended(Exception):  # noqa: N818 - nothing is wrong: it is the answer "no more"
    """Stop sampling: the end was reached, and the configuration says to stop there."""


class Source(Protocol):
    """Gives ADC codes, one at a time. `str(source)` names the place, for the messages of its bad readings."""

    def read(self) -> int:
        """Give one value, the next code, not yet checked against the converter's range. Never waits for long.

        Raises BadReading, NoValue or Ended; no other exception leaves it.
        """

    def close(self) -> None:
        """Let go of what is open. It may be called twice."""
