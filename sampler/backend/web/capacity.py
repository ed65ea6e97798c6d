"""How many bytes of bodies are held at once: whose body is large waits for its share, unread."""

import asyncio
from collections import deque
from collections.abc import Iterable

from sampler.backend.store import StoreUnavailable
from sampler.backend.web.visit import Header, Message, Receive, Send

BYTES = 128 * 1024 * 1024
FREE_BYTES = 256 * 1024
"""Bodies up to this size need no share: the many small ones never wait behind the large."""
MOST_BYTES = 10 * 1024 * 1024
"""What is in hand of a body at most: those that may be larger are stored while they come."""
_PATIENCE_S = 30.0


class Capacity:
    """Is given in the order in which it was asked for."""

    def __init__(self, size: int = BYTES, most: int = MOST_BYTES, patience_s: float = _PATIENCE_S) -> None:
        """`most` is what is held of one body at most."""
        self.most = most
        self._left = max(size, most)
        self._patience_s = patience_s
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> None:
        """Wait for so much. Raises StoreUnavailable if there is none for too long."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        self._admit()
        try:
            async with asyncio.timeout(self._patience_s):
                await turn
        except BaseException as error:
            if turn.cancelled():
                self._admit()  # those behind who wait for less
            else:
                self.give_back(size)
            if isinstance(error, TimeoutError):
                raise StoreUnavailable("too many large bodies come at once") from None
            raise

    def give_back(self, size: int) -> None:
        """Let the next ones have it."""
        self._left += size
        self._admit()

    def _admit(self) -> None:
        while self._waiting:
            size, turn = self._waiting[0]
            if not turn.done():
                if size > self._left:
                    return
                self._left -= size
                turn.set_result(None)
            self._waiting.popleft()


class Share:
    """Stands between a request and its answer: what its body takes of the capacity."""

    def __init__(self, capacity: Capacity, headers: Iterable[Header], receive: Receive, send: Send) -> None:
        self._capacity = capacity
        # The server sees to it that the body has this length.
        self._length = next((int(value) for name, value in headers if name == b"content-length"), None)
        self._receive, self._send = receive, send
        self._received = 0
        self._taken = 0

    async def receive(self) -> Message:
        """Give the next message, when what follows can be held. Raises StoreUnavailable."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if message.get("more_body") and not self._taken and self._size > FREE_BYTES:
            await self._capacity.take(self._size)
            self._taken = self._size
        return message

    async def send(self, message: Message) -> None:
        """Pass the answer on: the body is dealt with when it begins."""
        self.leave()
        await self._send(message)

    def leave(self) -> None:
        """Give back what was taken."""
        size, self._taken = self._taken, 0
        if size:
            self._capacity.give_back(size)

    @property
    def _size(self) -> int:
        if self._length is not None:
            return min(self._capacity.most, self._length)
        return self._capacity.most if self._received > FREE_BYTES else 0  # nobody knows what is still to come
