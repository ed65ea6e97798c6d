"""The tables of users and of their sessions: a session is all that follows from one login, until its row is gone."""

from collections.abc import Iterator
from dataclasses import dataclass

from sampler.backend.store import Row, Session

_MAX_SESSIONS = 100
_ENDED_AT_ONCE = 100

_ADD = """
INSERT INTO users (username, email, email_folded, password, registered)
VALUES (:username, :email, :folded, :password, :registered) RETURNING number
"""
_USER = "SELECT number, username, email, password, registered, disabled FROM users"
_BY_EMAIL = f"{_USER} WHERE email_folded = :folded"
_BY_NUMBER = f"{_USER} WHERE number = :number"
_EVERYBODY = """
SELECT number, username, email, password, registered, disabled,
(SELECT count(*) FROM sessions WHERE "user" = users.number AND expires > :now) FROM users ORDER BY number
"""
_SET_HASH = "UPDATE users SET password = :password WHERE number = :number AND password = :before"
_DISABLE = "UPDATE users SET disabled = :since WHERE number = :number AND disabled IS NULL"
_ENABLE = "UPDATE users SET disabled = NULL WHERE number = :number"

_BEGIN = """
INSERT INTO sessions (session, "user", turn, turned, expires) VALUES (:session, :user, 0, :now, :expires)
"""
_FIND = 'SELECT "user", turn, turned, expires FROM sessions WHERE session = :session'
_TURN = "UPDATE sessions SET turn = turn + 1, turned = :now, expires = :expires WHERE session = :session"
_END = "DELETE FROM sessions WHERE session = :session"
_END_OF_USER = 'DELETE FROM sessions WHERE "user" = :user'
_END_EXPIRED = """
DELETE FROM sessions WHERE session IN
(SELECT session FROM sessions WHERE expires <= :now ORDER BY expires LIMIT :many)
"""
_END_OLDEST = """
DELETE FROM sessions WHERE session IN
(SELECT session FROM sessions WHERE "user" = :user ORDER BY turned DESC, turn DESC LIMIT :many OFFSET :kept)
"""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who registered; times in seconds since 1970."""

    number: int
    username: str
    email: str
    password: str
    """Its hash, as argon2 writes it."""
    registered: int
    disabled: int | None


@dataclass(frozen=True, slots=True)
class Registration:
    """What a user is made of."""

    username: str
    email: str
    folded: str
    """The e-mail as it is compared."""
    password: str
    registered: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a session: whose it is, which turn its refresh token has and since when, and its end."""

    user: int
    turn: int
    turned: int
    expires: int


def add(session: Session, registration: Registration) -> int | None:
    """Add a user and give its number, or None if the e-mail is taken."""
    if by_email(session, registration.folded):
        return None
    [(number,)] = session.rows(
        _ADD,
        username=registration.username,
        email=registration.email,
        folded=registration.folded,
        password=registration.password,
        registered=registration.registered,
    )
    return int(number)


def by_email(session: Session, folded: str) -> User | None:
    """Find a user by the e-mail as it is compared."""
    return _user(session.row(_BY_EMAIL, folded=folded))


def by_number(session: Session, number: int) -> User | None:
    """Find a user by number."""
    return _user(session.row(_BY_NUMBER, number=number))


def everybody(session: Session, now: int) -> Iterator[tuple[User, int]]:
    """Give all users by number, one by one, each with how many sessions it has."""
    for *user, sessions in session.stream(_EVERYBODY, now=now):
        yield User(*user), sessions


def set_password(session: Session, user: User, password: str) -> None:
    """Replace the hash, unless somebody else did."""
    session.run(_SET_HASH, number=user.number, password=password, before=user.password)


def disable(session: Session, number: int, since: int) -> int:
    """Shut a user out; give how many sessions ended by that."""
    session.run(_DISABLE, number=number, since=since)
    return end_all(session, number)


def enable(session: Session, number: int) -> None:
    """Let a user in again."""
    session.run(_ENABLE, number=number)


def begin(session: Session, name: bytes, user: int, now: int, expires: int) -> None:
    """Begin a session; the user's least used ones end if there are too many, and some of anybody's that expired."""
    session.run(_BEGIN, session=name, user=user, now=now, expires=expires)
    session.run(_END_OLDEST, user=user, many=_ENDED_AT_ONCE, kept=_MAX_SESSIONS)
    session.run(_END_EXPIRED, now=now, many=_ENDED_AT_ONCE)


def standing(session: Session, name: bytes) -> Standing | None:
    """Find a session."""
    row = session.row(_FIND, session=name)
    return Standing(*row) if row else None


def turn(session: Session, name: bytes, now: int, expires: int) -> None:
    """Note that the session's refresh token was changed for the next one."""
    session.run(_TURN, session=name, now=now, expires=expires)


def end(session: Session, name: bytes) -> None:
    """End a session; that it has ended already is fine."""
    session.run(_END, session=name)


def end_all(session: Session, user: int) -> int:
    """End all sessions of a user and give how many they were."""
    return session.run(_END_OF_USER, user=user)


def _user(row: Row | None) -> User | None:
    return User(*row) if row else None
