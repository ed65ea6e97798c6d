"""Bytes to lines, and lines to codes, whatever the bytes are. Pure."""

from sampler.device.sources import BadReading

LONGEST = 128
"""Bytes in a line, padding included. A longer one is no code, and only its start is ever kept."""

_BOM = b"\xef\xbb\xbf"


def code(line: bytes, place: object) -> int:
    """Read one line as a code in decimal digits, padded or not. Raises BadReading: blank or unreadable.

    `int()` alone would also take `1_000` and `+5`, which no converter writes.
    """
    if len(line) > LONGEST:
        raise BadReading(
            "unreadable", f"{place}: a line of more than {LONGEST} bytes, starting {shown(line)}"
        )
    text = line.removeprefix(_BOM).strip()
    if text.removeprefix(b"-").isdigit():
        return int(text)
    if text:
        raise BadReading("unreadable", f"{place}: {shown(text)} is not an integer")
    raise BadReading("blank", f"{place}: a blank line")


def shown(text: bytes) -> str:
    """Show foreign bytes on a terminal or in a log: printable, and short."""
    return repr(text[:24])[1:] + ("…" if len(text) > 24 else "")


class LineBuffer:
    """Cuts what comes in pieces into lines, holding no more than the last piece and the start of one line."""

    def __init__(self) -> None:
        self._data = b""
        self._at = 0
        self._skipping = False

    @property
    def unfinished(self) -> bool:
        """Whether the last line still lacks its newline."""
        return self._skipping or self._at < len(self._data)

    def feed(self, piece: bytes) -> None:
        """Add a piece. To be called when `pop` gives no more."""
        if self._skipping:
            _, newline, piece = piece.partition(b"\n")
            self._skipping = not newline
        self._data = self._data[self._at :] + piece
        self._at = 0

    def pop(self) -> bytes | None:
        """Give the next line without its newline, or None until more is fed.

        Of a line that is too long, the first LONGEST + 1 bytes come, and no more.
        """
        end = self._data.find(b"\n", self._at)
        if end < 0:
            return self._pop_overlong()
        line = self._data[self._at : min(end, self._at + LONGEST + 1)]
        self._at = end + 1
        return line

    def _pop_overlong(self) -> bytes | None:
        if len(self._data) - self._at <= LONGEST:
            return None
        head = self.clear()[: LONGEST + 1]
        self.skip_line()
        return head

    def skip_line(self) -> None:
        """Pass over everything up to and including the next newline."""
        self._skipping = True

    def clear(self) -> bytes:
        """Forget the unfinished line, and give what had come of it."""
        rest = self._data[self._at :]
        self._data, self._at, self._skipping = b"", 0, False
        return rest
