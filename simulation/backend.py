"""The real backend in the simulation's only thread, over a disk that outlives it.

Not simulated, as it decides nothing here: the wall clock, which is in `received`, in receipts and in kept answers.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from sampler.backend.commands.whole_file import whole_file
from sampler.backend.settings import Settings, database_path
from sampler.backend.store import Store
from sampler.backend.store.backups import restoring, writing
from sampler.backend.store.readings import verifying
from sampler.backend.store.readings.verifying import Difference
from sampler.backend.store.sqlite import SqliteStore
from sampler.volume import REAL, Volume
from simulation import stored
from simulation.answer import Answer
from simulation.diary import Stored
from simulation.disk import Crash
from simulation.process import Process


class Refused(Exception):  # noqa: N818 - it says what happens
    """There is no backend at the moment: nothing of the request has reached anybody."""


class Reset(Exception):  # noqa: N818 - it says what happens
    """The backend died of it: nobody knows what of it is stored."""


class Backend:
    """A backend that is started, stopped and killed.

    The disk may end its process at any step of any method. It must not let time pass in them: a request is answered
    before the next one comes.
    """

    def __init__(
        self,
        settings: Settings,
        mount: Callable[[], Volume] = lambda: REAL,
        monotonic: Callable[[], float] = lambda: 0.0,
        *,
        short: bool = False,
    ) -> None:
        """`mount` gives the disk to a new process; `short`: see `short_way`.

        `monotonic`, in seconds, decides how long after the last failure an outage of the disk is over.
        """
        self.settings = settings
        self._path = database_path(settings.database)
        self._mount = mount
        self._monotonic = monotonic
        self._short = short
        self._process: Process | None = None
        self._lives = 0
        self.defects: list[str] = []
        """What it has answered 500 to though no lottery was lost."""

    # Its life.

    @property
    def is_up(self) -> bool:
        """Whether it takes requests."""
        return self._process is not None

    def start(self) -> None:
        """Start it. Raises StoreUnavailable if its disk does not let it, Reset if it dies of that."""
        self._lives += 1
        with self._mortal():
            self._process = Process(self._of_this_life(), self._open(), self._monotonic, short=self._short)

    def stop(self) -> None:
        """End it in order, if it runs."""
        process, self._process = self._process, None
        if process:
            with contextlib.suppress(Crash):  # it ends, one way or the other
                process.stop()

    def crash(self) -> None:
        """End it at once, if it runs. The disk has been told before: what is done here reaches it no more."""
        process, self._process = self._process, None
        if process:
            process.abandon()

    # What is asked of it while it runs. Each raises Refused if it does not, and Reset if it dies meanwhile.

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Have one request answered, and all that it brings about done; it may die when that was answered."""
        with self._mortal():
            answer = self._running.answer(method, path, headers or {}, body)
            if self._running.is_dead:
                self.crash()
        if answer.status == 500 and b"--fail-" not in answer.body:
            self.defects.append(f"{method} {path} {body!r}")
        return answer

    def keep_house(self) -> None:
        """Do the background's work on readings: all that a day would bring. Raises StoreUnavailable."""
        with self._mortal():
            self._running.keep_house()

    def backup(self, file: Path) -> None:
        """Write everything to a file on another disk."""
        with self._mortal(), whole_file(file) as part:
            writing.write(self._running.store, part, lambda _: None)

    # What the operator can do at any time; Reset says that he has to do it again.

    def restore(self, file: Path) -> None:
        """Put the database away and fill a new one from a backup. To be stopped before."""
        with self._mortal(), restoring.opened(file) as (backup, found):
            volume = self._mount()
            for suffix in ("", "-wal", "-shm"):
                volume.remove(Path(f"{self._path}{suffix}"))
            with contextlib.closing(SqliteStore(self._path, volume=volume)) as store:
                restoring.restore(backup, found, store, lambda _: None)

    def measurements(self, device: str | None = None) -> list[Stored]:
        """Give all that is stored, of one device or of all, by their starts."""
        with self._mortal(), self._looked_at() as store, store.reading() as session:
            return stored.measurements(session, device)

    def verify(self) -> list[Difference]:
        """Give what `sampler backend verify` finds: nothing, if all is right."""
        with self._mortal(), self._looked_at() as store:
            return [*verifying.verify(store)]

    @contextlib.contextmanager
    def _mortal(self) -> Iterator[None]:
        try:
            yield
        except Crash:
            self.crash()
            raise Reset from None

    @property
    def _running(self) -> Process:
        if self._process is None:
            raise Refused
        return self._process

    @contextlib.contextmanager
    def _looked_at(self) -> Iterator[Store]:
        if self._process:
            yield self._process.store
        else:
            with contextlib.closing(self._open()) as store:
                yield store

    def _open(self) -> Store:
        return SqliteStore(self._path, volume=self._mount())

    def _of_this_life(self) -> Settings:
        # Drawn anew in each life: the same bad luck after each start could go on for ever.
        seed = self.settings.seed
        return self.settings if seed is None else replace(self.settings, seed=1000 * seed + self._lives)
