"""What the daemon tells its supervisor: systemd's notification protocol, sd_notify(3)."""

import contextlib
import os
import socket
import time
from collections.abc import Mapping


class Notifier:
    """Speaks to the supervisor, if there is one. Never raises, never waits: a deaf one stops no sampling."""

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        """Notify the socket at `address` ("": nobody), which kills us after `watchdog_s` without a ping."""
        self._address = address
        self._ping_every = None if watchdog_s is None else watchdog_s / 4
        self._next_ping = float("-inf")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Notifier":
        """Take what systemd sets: NOTIFY_SOCKET, WATCHDOG_USEC, and WATCHDOG_PID for one process alone."""
        microseconds = environ.get("WATCHDOG_USEC", "")
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watched = ours and microseconds.isdecimal()
        return cls(environ.get("NOTIFY_SOCKET", ""), int(microseconds) / 1e6 if watched else None)

    def ready(self) -> None:
        """Say that the daemon has started, or has taken its new configuration."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """Show one line in `systemctl status`."""
        self._send(f"STATUS={' '.join(text.split())}")

    def stopping(self) -> None:
        """Say that the daemon is on its way out."""
        self._send("STOPPING=1")

    def reloading(self) -> None:
        """Say that the configuration is being read again; `ready` ends it."""
        # The time lets systemd tell this reload's `ready` from an earlier one (Type=notify-reload).
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def alive(self, now: float) -> None:
        """Feed the watchdog, at most four times in its patience; `now` is in monotonic seconds."""
        if self._ping_every is not None and now >= self._next_ping:
            self._next_ping = now + self._ping_every
            self._send("WATCHDOG=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        # "@name" stands for a name in the abstract namespace, which begins with a zero byte.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out,
        ):
            out.setblocking(False)  # noqa: FBT003 - the standard library's own signature
            out.sendto(state.encode(errors="replace"), address)
