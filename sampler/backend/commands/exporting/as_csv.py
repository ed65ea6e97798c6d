"""Columns as CSV (RFC 4180): a header, lines that end with CRLF, times in ISO 8601."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, BinaryIO

from sampler.backend import instants
from sampler.backend.commands.exporting import Columns, Kind

_iso = lru_cache(maxsize=1000)(instants.iso)  # many sensors report at the same instants


def write(columns: Columns, file: BinaryIO, wrote: Callable[[int], None]) -> None:
    """Write all of it; `wrote` is told how many rows more there are."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        out = csv.writer(text)
        out.writerow(columns.kinds)
        for batch in columns.batches:
            out.writerows(zip(*map(_written, columns.kinds.values(), batch), strict=True))
            wrote(len(batch[0]))
    finally:
        text.detach()  # flushes, and leaves the file to whoever opened it


def _written(kind: Kind, values: Sequence[Any]) -> Iterable[object]:
    return map(_iso, values) if kind is Kind.TIME else values
