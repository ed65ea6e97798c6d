"""Hashes of passwords: argon2id, in few threads, so that logins never hold up the other requests."""

import asyncio
import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

PARAMETERS = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1, type=Type.ID)
"""The first of OWASP's equally strong choices (Password Storage Cheat Sheet); docs/adr/0008 has what it costs."""
_THREADS = 2
_MAX_WAITING = 32
Result = TypeVar("Result")


class TooBusy(Exception):  # noqa: N818 - it says what it is
    """Too many passwords wait for their hash. Ask the client to come again in a second."""


class Passwords:
    """Hashes passwords and compares them. Each method raises TooBusy."""

    def __init__(self, hasher: PasswordHasher = PARAMETERS, bound: int = _MAX_WAITING) -> None:
        """`bound` is how many may be hashed or wait for it."""
        self._hasher = hasher
        self._nobodys = _hash_of_nobodys_password(hasher)
        self._bound = bound
        self._taken = 0
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")

    async def hash(self, password: str) -> str:
        """Hash a new password."""
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether it is the password of that hash. None, as nobody has it, takes the same work and is no match."""
        return await self._in_turn(lambda: self._matches(stored or self._nobodys, password))

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads when they have done what waits."""
        self._pool.shutdown()

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        if self._taken >= self._bound:
            raise TooBusy("too many passwords wait for their hash")
        self._taken += 1
        result = asyncio.get_running_loop().run_in_executor(self._pool, work)
        # The thread works on though the client may be gone: its place is taken until it is done.
        result.add_done_callback(self._release)
        return await asyncio.shield(result)

    def _release(self, _: "asyncio.Future[Result]") -> None:
        self._taken -= 1


def _hash_of_nobodys_password(hasher: PasswordHasher) -> str:
    """Write a hash that no password has, with the parameters of all others, so that it takes as long to compare."""
    parameters = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (
        base64.b64encode(bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v=19${parameters}${salt}${digest}"
