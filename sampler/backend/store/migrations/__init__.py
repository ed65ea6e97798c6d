"""The schema, step by step: files of SQL in the order of their numbers, each applied once, none ever changed.

Both engines read the same files; `$id`, `$int`, `$real`, `$text`, `$bytes` and `$strict` stand for what each
of them calls it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from sampler.backend.store import Session
from sampler.backend.store.dialect import Dialect

_TABLE = Template(
    "CREATE TABLE IF NOT EXISTS migrations"
    " (number $int PRIMARY KEY, name $text NOT NULL, applied $int NOT NULL) $strict"
)
_NOTE = "INSERT INTO migrations VALUES (:number, :name, :applied)"


class NewerSchema(Exception):  # noqa: N818 - it says what it is
    """The store was last used by a newer version, which this one must not touch."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A step: its number, its name, its statements."""

    number: int
    name: str
    statements: Template


def known() -> list[Migration]:
    """Give every step that this version knows, in order."""
    found = [file for file in files(__name__).iterdir() if file.name.endswith(".sql")]
    return [
        Migration(int(file.name[:4]), file.name[5:-4], Template(file.read_text("utf-8")))
        for file in sorted(found, key=lambda file: file.name)
    ]


def applied(session: Session) -> list[int]:
    """Give the numbers of the steps that the store has gone; its table of them must be there."""
    return [number for (number,) in session.rows("SELECT number FROM migrations ORDER BY number")]


def ahead(session: Session, dialect: Dialect) -> list[Migration]:
    """Give the steps that are to be gone, also by a store that has gone none. Raises NewerSchema."""
    return outstanding(session) if ("migrations",) in session.rows(dialect.tables) else known()


def outstanding(session: Session) -> list[Migration]:
    """Give the steps that are to be gone by a store with a table of them. Raises NewerSchema."""
    done, steps = applied(session), known()
    newest = steps[-1].number
    if done and done[-1] > newest:
        raise NewerSchema(
            f"its schema is number {done[-1]} and this version of sampler knows {newest}: "
            "install the version that wrote it, or restore a backup from before"
        )
    return [step for step in steps if step.number not in done]


def apply(session: Session, dialect: Dialect, upto: int | None = None) -> Sequence[Migration]:
    """Bring the store up to this version's schema, or to that step, and give the steps it took. Raises NewerSchema."""
    for statement in (*dialect.prepare, _TABLE.substitute(dialect.types)):
        session.run(statement)
    steps = [step for step in outstanding(session) if upto is None or step.number <= upto]
    for step in steps:
        for statement in _statements(step.statements.substitute(dialect.types)):
            session.run(statement)
        session.run(_NOTE, number=step.number, name=step.name, applied=int(time.time()))
    return steps


def _statements(script: str) -> list[str]:
    """Split at the semicolons that end lines, which ours do nowhere else."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return [statement.strip() for statement in "\n".join(lines).split(";\n") if statement.strip(" \n;")]
