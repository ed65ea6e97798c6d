"""Columns as Parquet: times as UTC timestamps to the nanosecond, row groups of about 100 000."""

from collections.abc import Callable
from typing import Any, BinaryIO

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
from pyarrow import parquet

from sampler.backend.commands.exporting import Batch, Columns, Kind

_ROWS_IN_A_GROUP = 100_000
_NANOSECONDS_PER_TICK = 100
_TYPES = {Kind.TIME: pa.timestamp("ns", "UTC"), Kind.TEXT: pa.string(), Kind.REAL: pa.float64()}


def write(columns: Columns, file: BinaryIO, wrote: Callable[[int], None]) -> None:
    """Write all of it; `wrote` is told how many rows more there are."""
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in columns.kinds.items()])
    with parquet.ParquetWriter(file, schema) as out:
        waiting = schema.empty_table()
        for batch in columns.batches:
            waiting = pa.concat_tables([waiting, _table(schema, batch)])
            if len(waiting) >= _ROWS_IN_A_GROUP:
                out.write_table(waiting)
                waiting = schema.empty_table()
            wrote(len(batch[0]))
        if len(waiting):
            out.write_table(waiting)


def _table(schema: Any, batch: Batch) -> Any:
    return pa.table([_array(field.type, values) for field, values in zip(schema, batch, strict=True)], schema)


def _array(kind: Any, values: Any) -> Any:
    if not pa.types.is_timestamp(kind):
        return pa.array(values, kind)
    return pa.array([ticks * _NANOSECONDS_PER_TICK for ticks in values], pa.int64()).cast(kind)
