"""The forms in which the spool stores what it holds. Pure.

Every row carries a CRC32 over all that it means, checked whenever it is read.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, TypeVar

from sampler.device.kept import Kept, Quality
from sampler.device.spool.errors import Damaged
from sampler.device.window import Window
from sampler.measurement import NS_PER_MS, TemperatureMeasurement, from_nanoseconds

State = Literal["waiting", "held", "set_aside"]
"""`held`: its times are not known yet. `set_aside`: the backend will never take it as it is."""

STATES: tuple[State, ...] = ("waiting", "held", "set_aside")

T = TypeVar("T")

REASON_LENGTH = 500
"""A server's words are cut here: a row must fit on one page of the file."""


def seal(*values: object) -> int:
    """Give the checksum of a row's values."""
    # ascii() writes a value the same way in every version of Python; repr() may not.
    return zlib.crc32(ascii(values).encode())


def checked(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give the values of a row, which ends with its checksum, without it. Raises Damaged."""
    if not intact(values):
        raise Damaged(f"the row {values[0]} does not match its checksum")
    return values[:-1]


def intact(values: tuple[Any, ...]) -> bool:
    """Tell whether a row's values are what was written."""
    return bool(seal(*values[:-1]) == values[-1])


def fields_of(value: Any) -> dict[str, Any]:
    """Give the fields of a value, as they are; dataclasses.asdict would copy what is in them, at ten times the cost."""
    return {name: getattr(value, name) for name in value.__slots__}


# Made once: `json.dumps` would make one each time.
_PACKER = json.JSONEncoder(separators=(",", ":"), default=fields_of)


def built(kind: Callable[..., T], body: str) -> T:
    """Make what a row's body says. Raises Damaged: a page that was written to another's place has intact rows, too."""
    try:
        return kind(**json.loads(body))
    except (TypeError, KeyError, ValueError) as error:
        raise Damaged("a row is one of another table") from error


def window_of(values: tuple[Any, ...]) -> Window:
    """Read a row (id, body, crc) of the open window. Raises Damaged."""
    return built(lambda **document: Window.from_json(document), checked(values)[1])


def pack(document: object) -> str:
    """Write a document, or a value with fields, as short as JSON allows."""
    return _PACKER.encode(document)


@dataclass(frozen=True, slots=True)
class Facts:
    """The small facts.

    `newest`: the latest label end given for good, ns since 1970. `empty`: how many windows had no reading.
    """

    spool_id: str
    sequence: int = 0
    newest: int = 0
    empty: int = 0
    last_delivery: dict[str, Any] | None = None
    last_error: dict[str, Any] | None = None

    @classmethod
    def read(cls, values: tuple[Any, ...]) -> Self:
        """Read a row (id, body, crc). Raises Damaged."""
        return built(cls, checked(values)[1])

    def values(self) -> tuple[Any, ...]:
        """Give the row (id, body, crc)."""
        body = pack(self)
        return (1, body, seal(1, body))


@dataclass(frozen=True, slots=True)
class Span:
    """When a window was open on the monotonic clock, ns, of which boot: what it gets its times from if it is held."""

    boot_id: str
    opened: int
    closes: int

    @classmethod
    def of(cls, window: Window) -> Self:
        """Note a window's."""
        return cls(window.boot_id, window.opened, window.closes)

    def labels(self, offset: int) -> tuple[int, int]:
        """Give start and end, ns since 1970, now that it is known what makes an instant wall time."""
        start = self.opened + offset
        return start, max(self.closes + offset, start + NS_PER_MS)


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement in the spool. Times are labels in ns since 1970; `since` is when it was set aside."""

    spool_id: str
    sequence: int
    state: State
    start: int
    end: int
    celsius: tuple[float, float, float]
    """Minimum, maximum and average."""
    quality: Quality
    reason: str = ""
    since: str = ""
    span: Span | None = None
    """While it is held, and where its label was moved: that does not tell of which window it is."""

    @classmethod
    def of(
        cls, facts: Facts, window: Window, measurement: TemperatureMeasurement, *, held: bool, moved: bool
    ) -> Self:
        """Keep what a window came to under the next sequence number."""
        return cls(
            facts.spool_id,
            facts.sequence + 1,
            "held" if held else "waiting",
            window.start,
            window.end,
            (measurement.min, measurement.max, measurement.average),
            window.quality(),
            span=Span.of(window) if held or moved else None,
        )

    @classmethod
    def read(cls, values: tuple[Any, ...]) -> Self:
        """Read a row (sequence, state, start, body, crc) that has been checked."""
        sequence, state, start, text, _ = values
        body = json.loads(text)
        span, quality = body.pop("span"), Quality(**body.pop("quality"))
        body["celsius"] = tuple(body["celsius"])
        return cls(
            sequence=sequence,
            state=state,
            start=start,
            quality=quality,
            span=Span(**span) if span else None,
            **body,
        )

    def values(self) -> tuple[Any, ...]:
        """Give the row (sequence, state, start, body, crc)."""
        body = fields_of(self)
        meant = (body.pop("sequence"), body.pop("state"), body.pop("start"), pack(body))
        return (*meant, seal(*meant))

    @property
    def measurement(self) -> TemperatureMeasurement:
        """What is sent."""
        return TemperatureMeasurement(from_nanoseconds(self.start), from_nanoseconds(self.end), *self.celsius)

    @property
    def kept(self) -> Kept:
        """The form that the flows know."""
        return Kept(self.spool_id, self.sequence, self.measurement, self.quality)

    def labelled(self, offset: int) -> Self:
        """Give a held measurement its right times, and let it go."""
        assert self.span is not None  # noqa: S101 - held, and so with a span
        start, end = self.span.labels(offset)
        quality = replace(self.quality, clock="set")
        return replace(self, state="waiting", span=None, start=start, end=end, quality=quality)

    def released(self, later: int = 0) -> Self:
        """Let a held measurement go with the times it has, or so many ns later, and say not to believe them."""
        start, end, quality = self.start + later, self.end + later, replace(self.quality, clock="unset")
        return replace(self, state="waiting", span=None, start=start, end=end, quality=quality)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Windows on end without one good reading. Times are labels in ns since 1970."""

    start: int
    end: int
    windows: int
    due: int
    missed: dict[str, int]
    bad: dict[str, int]
    span: Span | None = None
    """Only while it is held."""

    @classmethod
    def of(cls, window: Window, *, held: bool) -> Self:
        """Account for one window."""
        quality, span = window.quality(), Span.of(window) if held else None
        return cls(window.start, window.end, 1, quality.due, quality.missed, quality.bad, span)

    @classmethod
    def read(cls, values: tuple[Any, ...]) -> Self:
        """Read a row (id, body, crc). Raises Damaged."""
        return built(cls._of_document, checked(values)[1])

    @classmethod
    def _of_document(cls, span: dict[str, Any] | None = None, **document: Any) -> Self:
        return cls(**document, span=Span(**span) if span else None)

    def values(self, number: int) -> tuple[Any, ...]:
        """Give the row (id, body, crc)."""
        body = pack(self)
        return (number, body, seal(number, body))

    def ends_where(self, later: "Stretch") -> bool:
        """Tell whether a stretch begins where this one ends, as far as the times of either are known."""
        return self.end == later.start and (self.span is None) == (later.span is None)

    def joined(self, later: "Stretch") -> Self:
        """Add the stretch that begins where this one ends."""
        return replace(
            self,
            end=later.end,
            windows=self.windows + later.windows,
            due=self.due + later.due,
            missed=_sum(self.missed, later.missed),
            bad=_sum(self.bad, later.bad),
            span=replace(self.span, closes=later.span.closes) if self.span and later.span else None,
        )

    def labelled(self, offset: int) -> Self:
        """Give a held stretch its right times."""
        assert self.span is not None  # noqa: S101 - held, and so with a span
        start, end = self.span.labels(offset)
        return replace(self, span=None, start=start, end=end)

    def released(self, later: int = 0) -> Self:
        """Let a held stretch go with the times it has, or so many ns later."""
        return replace(self, span=None, start=self.start + later, end=self.end + later)


def _sum(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {reason: one.get(reason, 0) + other.get(reason, 0) for reason in {**one, **other}}
