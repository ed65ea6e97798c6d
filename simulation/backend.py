"""The real backend, in the simulation's only thread: the application, its commits and its store, without a socket.

Not simulated, as it decides nothing here: the wall clock's time in `received`, in receipts and in kept answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sampler.backend.settings import Settings
from sampler.backend.store import Store
from sampler.backend.store.opening import open_store
from simulation.process import Answer, Process


class Refused(Exception):  # noqa: N818 - it says what happens
    """There is no backend at the moment: nothing of the request has reached anybody."""


class Reset(Exception):  # noqa: N818 - it says what happens
    """The backend died of the request: nobody knows what of it is stored."""


class Backend:
    """A backend that is started, stopped and killed, over a store that outlives it."""

    def __init__(
        self,
        settings: Settings,
        open_store: Callable[[], Store] | None = None,
        monotonic: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._settings = settings
        self._open_store = open_store or (lambda: _open(settings))
        self._monotonic = monotonic
        self._process: Process | None = None
        self._lives = 0

    @property
    def is_up(self) -> bool:
        """Whether it takes requests."""
        return self._process is not None

    def start(self) -> None:
        """Start it. Raises CannotStart, or what the disk raises."""
        self._lives += 1
        self._process = Process(self._of_this_life(), self._open_store(), self._monotonic)

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Have one request answered. Raises Refused if it is down, Reset if it dies meanwhile."""
        if self._process is None:
            raise Refused
        return self._process.answer(method, path, headers or {}, body)

    def _of_this_life(self) -> Settings:
        # Drawn anew in each life: the same bad luck after each start could go on for ever.
        seed = self._settings.seed
        return self._settings if seed is None else replace(self._settings, seed=seed + self._lives)


def _open(settings: Settings) -> Store:
    return open_store(settings.database)
