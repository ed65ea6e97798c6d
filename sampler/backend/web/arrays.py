"""A JSON array taken in chunks as they come and given in pieces: little memory and time each, whatever it holds."""

import contextlib
import hashlib
import re
from collections.abc import Iterator
from typing import Generic

from sampler.backend.web.decoding import BYTE_ORDER_MARK, MAX_DEPTH, malformed, too_deep
from sampler.backend.web.objects import Element, Objects
from sampler.backend.web.problems import Invalid

PIECE_BYTES = 64 * 1024
_SPACE = b" \t\r\n"
# A string, whole or cut off by the end, or what opens and closes arrays and objects.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[][{}]', re.DOTALL)
_COMMA = re.compile(rb"[ \t\r\n]*,")


class Elements(Generic[Element]):
    """Reads an array of objects of one form, holding a few pieces of it at most.

    A piece is cut behind an object. If what is in front of the cut is JSON between brackets, the cut was between two
    elements, as JSON that is read from its start has one meaning; most often the last `},` is such a place. Where it
    is none, the text is searched from its start: so no text costs more than its length.

    The methods raise Invalid, which names the first element or byte at fault, if the body is no array of such objects.
    Faults are, too: a name twice in an object, more than 32 levels, an element that has no end within `PIECE_BYTES`
    (up to twice that it may pass; it depends on where it stands).
    """

    def __init__(self, objects: Objects[Element], most: int) -> None:
        """Take at most so many elements."""
        self.count = 0
        """How many were given: the index of the next piece's first."""
        self._most = most
        self._objects = objects
        self._sha256 = hashlib.sha256()
        self._chunks: list[bytes] = []
        self._size = 0
        self._offset = 0
        self._opened = self._closed = False

    @property
    def fingerprint(self) -> bytes:
        """The SHA-256 of what came so far."""
        return self._sha256.digest()

    def feed(self, chunk: bytes) -> Iterator[list[Element]]:
        """Give the pieces that are whole with this chunk, none of them empty."""
        self._sha256.update(chunk)
        for start in range(0, len(chunk), PIECE_BYTES):
            part = chunk[start : start + PIECE_BYTES]
            self._chunks.append(part)
            self._size += len(part)
            if self._size >= PIECE_BYTES and (piece := self._piece()):
                yield piece

    def end(self) -> list[Element]:
        """Give the last piece, which may be empty: the body is over."""
        text = self._text()
        if self._closed:
            return []
        end = len(text.rstrip(_SPACE)) - 1
        if not self._opened:
            raise _no_array()
        if text[end:][:1] != b"]":
            raise malformed("the array has no end", self._offset + len(text))
        return self._last(text, end)

    def _text(self) -> bytes:
        """Give what waits, from where the next element is to begin."""
        text = b"".join(self._chunks)
        if not self._opened:
            text = self._open(text)
        if self._closed and (text := text.lstrip(_SPACE)):
            raise malformed("characters behind the array", self._offset)
        self._keep(text, self._offset)
        return text

    def _open(self, text: bytes) -> bytes:
        inner = text if self._offset else text.removeprefix(BYTE_ORDER_MARK)
        inner = inner.lstrip(_SPACE)
        if inner and not inner.startswith(b"["):
            raise _no_array()
        self._opened = bool(inner)
        self._offset += len(text) - len(inner[1:])
        return inner[1:]

    def _keep(self, text: bytes, offset: int) -> None:
        self._chunks, self._size, self._offset = [text], len(text), offset

    def _piece(self) -> list[Element]:
        """Cut off a piece, if there is a place for that."""
        text = self._text()
        cut = text.rfind(b"},") + 1
        if cut:
            # If it was no place for it, the search finds one, or comes to the same fault.
            with contextlib.suppress(Invalid):
                return self._given(text, cut)
        cut, closes = _cut(text, self._offset)
        if closes:
            return self._last(text, cut)
        if cut:
            return self._given(text, cut)
        if len(text) > PIECE_BYTES:
            raise Invalid({f"[{self.count}]": [f"It must be an object of at most {PIECE_BYTES} bytes."]})
        return []

    def _last(self, text: bytes, bracket: int) -> list[Element]:
        """Give what is in front of the bracket that ends the array."""
        if self.count and not text[:bracket].strip(_SPACE):
            raise malformed("nothing behind the last comma", self._offset + bracket)
        self._closed = True
        return self._given(text, bracket)

    def _given(self, text: bytes, cut: int) -> list[Element]:
        """Give what is in front of the cut, and keep what is behind the comma or bracket there."""
        elements = self._objects.read(text[:cut], self.count, self._offset)
        if self.count + len(elements) > self._most:
            raise Invalid({"$": [f"The array must hold at most {self._most} elements."]})
        self.count += len(elements)
        behind = len(text) - len(text[cut:].lstrip(_SPACE)) + 1
        self._keep(text[behind:], self._offset + behind)
        return elements


def _cut(text: bytes, offset: int) -> tuple[int, bool]:
    """Find the place behind the last element that is whole and has a comma behind it, or the bracket that ends all.

    The place is 0 if there is none. Raises Invalid where it is too deep to go on, or closed and never opened.
    """
    depth = last = 0
    for token in _TOKEN.finditer(text):
        character = text[token.start()]
        depth += (character in b"[{") - (character in b"]}")
        if depth < 0 and character in b"}":
            raise malformed("invalid character", offset + token.start())
        if depth < 0:
            return token.start(), True
        if depth >= MAX_DEPTH:  # the array itself is the first level
            raise too_deep("$")
        if depth == 0 and character in b"]}" and _COMMA.match(text, token.end()):
            last = token.end()
    return last, False


def _no_array() -> Invalid:
    return Invalid({"$": ["The body must be a JSON array."]})
