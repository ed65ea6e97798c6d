"""A network that fails on demand: a TCP proxy on 127.0.0.1, between a client and a server that are well."""

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

Mode = Literal["ok", "refuse", "blackhole", "latency", "reset_after_request", "cut", "drip"]

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class FaultyProxy:
    """Passes everything on to `upstream_port`, until it is told to misbehave: `proxy.switch("cut", 20)`.

    A mode counts at once, for kept connections too:

    - `ok`: all is passed on.
    - `refuse`: nobody listens; what was connected is reset.
    - `blackhole`: connections are accepted, and what comes is swallowed.
    - `latency`, s: a request waits so long before it is passed on.
    - `reset_after_request`: a request is passed on, its answer is not: the client sees a reset.
    - `cut`, bytes: so much of an answer is passed on, then the client sees a reset.
    - `drip`, bytes/s: an answer comes that slowly.
    """

    def __init__(self, upstream_port: int) -> None:
        self.connections = 0
        self._upstream_port = upstream_port
        self._mode: Mode = "ok"
        self._amount = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-proxy")
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None
        # Keeps the port while nobody listens on it.
        self._reservation = _bound(0)
        self.port: int = self._reservation.getsockname()[1]

    @property
    def url(self) -> str:
        """The address of an HTTP server behind the proxy."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.switch("ok")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.switch("refuse")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._reservation.close()

    def switch(self, mode: Mode, amount: float = 0.0) -> None:
        """Behave otherwise from now on; `amount` is what the mode is measured in. For any thread."""
        asyncio.run_coroutine_threadsafe(self._switch(mode, amount), self._loop).result()

    async def _switch(self, mode: Mode, amount: float) -> None:
        self._mode, self._amount = mode, amount
        if mode != "refuse" and self._listener is None:
            self._listener = listener = _bound(self.port)
            listener.setblocking(False)
            listener.listen()
            # Not asyncio's server: stopped in the wrong moment, it forgets a connection, and never closes it.
            self._loop.add_reader(listener, self._accept, listener)
        if mode == "refuse" and self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None
            await asyncio.sleep(0)  # until each task has begun: one that has not would leave its socket open
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # the client has gone again
            client, _ = listener.accept()
            self.connections += 1
            task = self._loop.create_task(self._connected(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connected(self, connection: socket.socket) -> None:
        client, to_client = await asyncio.open_connection(sock=connection)
        try:
            await self._converse(client, to_client)
        except (OSError, asyncio.CancelledError):
            _reset(to_client)
        finally:
            to_client.close()

    async def _converse(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        pumps = {
            asyncio.create_task(self._pass_requests(client, to_server)),
            asyncio.create_task(self._pass_answers(server, to_client)),
        }
        try:
            done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in done:
                pump.result()
        finally:
            to_server.close()  # first: whoever switches may cancel the wait for the pumps
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pass_requests(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        while data := await client.read(65536):
            if self._mode == "blackhole":
                continue
            if self._mode == "latency":
                await asyncio.sleep(self._amount)
            to_server.write(data)
            await to_server.drain()

    async def _pass_answers(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        while data := await server.read(65536):
            if self._mode == "reset_after_request":
                raise ConnectionResetError
            if self._mode == "cut":
                await self._cut(data, to_client)
            if self._mode == "drip":
                await self._drip(data, to_client)
            else:
                to_client.write(data)
                await to_client.drain()

    async def _cut(self, data: bytes, to_client: asyncio.StreamWriter) -> None:
        to_client.write(data[: int(self._amount)])
        await to_client.drain()
        # A reset overtakes what the client has not read yet.
        await asyncio.sleep(0.05)
        raise ConnectionResetError

    async def _drip(self, data: bytes, to_client: asyncio.StreamWriter) -> None:
        for byte in data:
            # Switched meanwhile, the rest comes at once.
            await asyncio.sleep(1 / self._amount if self._mode == "drip" else 0)
            to_client.write(bytes([byte]))
            await to_client.drain()


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    with suppress(OSError):  # the client has gone itself
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
