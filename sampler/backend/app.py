"""Builds the application: the only place that knows all rooms."""

import contextlib
from collections.abc import Iterator

from litestar import Litestar
from litestar.di import Provide

from sampler.backend.commits import Commits
from sampler.backend.health import healthz
from sampler.backend.listing import Shelf, get_measurements
from sampler.backend.lottery import Lottery
from sampler.backend.output_file import OutputFile
from sampler.backend.problems import HANDLERS
from sampler.backend.settings import CannotStart, Settings
from sampler.backend.store import Store, StoreUnavailable
from sampler.backend.store.sqlite import SqliteStore
from sampler.backend.temperature import Intake, post_missing, post_one

MAX_BODY_BYTES = 1024 * 1024


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Litestar]:
    """Open what the application needs, give it, and close everything in reverse order.

    Raises CannotStart if the database or the output file cannot be written.
    """
    output = _output_file(settings)
    with contextlib.closing(_store(settings)) as store:
        commits = Commits(store, stored=output.write if output else lambda _: None)
        with contextlib.closing(commits):
            yield build(store, commits, Lottery(settings.fail_rate, settings.fail_after, settings.seed))


def _store(settings: Settings) -> SqliteStore:
    try:
        return SqliteStore(settings.database)
    except StoreUnavailable as error:
        raise CannotStart(
            f"the database cannot be used: {error}; name a file that can be written with --database"
        ) from error


def _output_file(settings: Settings) -> OutputFile | None:
    try:
        return OutputFile(settings.output_file) if settings.output_file else None
    except OSError as error:
        raise CannotStart(
            f"the output file cannot be written: {error}; name another with --output-file"
        ) from error


def build(store: Store, commits: Commits, lottery: Lottery) -> Litestar:
    """Put the rooms together."""
    parts = {"intake": Intake(commits, lottery), "shelf": Shelf(store), "commits": commits}
    return Litestar(
        [post_one, post_missing, get_measurements, healthz],
        dependencies={name: _given(part) for name, part in parts.items()},
        exception_handlers=HANDLERS,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _given(part: object) -> Provide:
    return Provide(lambda: part, sync_to_thread=False)
