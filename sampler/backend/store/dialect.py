"""What the two engines call by different names; all other SQL is the same for both."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """An engine's own words."""

    types: Mapping[str, str]
    """What `$id`, `$int`, `$real`, `$text`, `$bytes` and `$strict` stand for in the steps of the schema."""
    tables: str
    """A query for the names of the tables that are there."""
    last_number: str
    """A query for the last number that was given out in the `$id` column `:column` of `:table`."""
    go_on_after: tuple[str, ...]
    """Statements that let the next number there be `:last` + 1."""
    prepare: tuple[str, ...] = ()
    """Statements that come before the first table."""
