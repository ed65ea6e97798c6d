"""The statements that the tests of the stores use."""

from typing import Any

from sampler.backend.store import Session, Store

ADD = "INSERT INTO things (name) VALUES (:name)"
NAMES = "SELECT name FROM things ORDER BY number"


def add(session: Session, *names: str) -> None:
    for name in names:
        session.run(ADD, name=name)


def add_all(session: Session, names: list[str]) -> None:
    """A sink for `later`."""
    session.run_many(ADD, [{"name": name} for name in names])


def names(store: Store) -> list[Any]:
    """What is committed."""
    with store.reading() as session:
        return [name for (name,) in session.rows(NAMES)]
