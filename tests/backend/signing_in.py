"""Users for tests of what users do: made without the password's hash, which takes its time."""

import contextlib
import time
from pathlib import Path

from sampler.backend.accounts.keys import read_keys
from sampler.backend.accounts.tokens import REFRESH_S, Ticket, Tokens, new_session
from sampler.backend.settings import Settings
from sampler.backend.store import accounts as table
from sampler.backend.store.opening import open_store


def bearer(database: str, key_file: Path, name: str = "ada") -> dict[str, str]:
    """Add a user and sign in: the headers of requests by that user. Of a name that was seen, another session."""
    now, email = int(time.time()), f"{name}@example.com"
    with contextlib.closing(open_store(database)) as store, store.writing() as session:
        table.add(session, table.Registration(name, email, email, "*", now))
        user = table.by_email(session, email)
        assert user
        ticket = Ticket(user.number, new_session())
        table.begin(session, ticket.stored_session, user.number, now, now + REFRESH_S)
    token = Tokens(read_keys(Settings(database, key_file=key_file))).access(ticket)
    return {"Authorization": f"Bearer {token}"}
