"""Builds the application: the only place that knows all rooms."""

import contextlib
import time
from collections.abc import Iterator

from litestar import Litestar
from litestar.di import Provide

from sampler.backend import calendars
from sampler.backend.accounts import bearer
from sampler.backend.accounts import openapi as accounts_openapi
from sampler.backend.accounts import routes as accounts
from sampler.backend.accounts.desk import Desk
from sampler.backend.accounts.keys import read_keys
from sampler.backend.accounts.passwords import Passwords
from sampler.backend.accounts.sessions import Sessions
from sampler.backend.accounts.tokens import Tokens
from sampler.backend.commits import Commits
from sampler.backend.customers import openapi as customers_openapi
from sampler.backend.customers import routes as customers
from sampler.backend.environment import openapi as environment_openapi
from sampler.backend.environment import routes as environment
from sampler.backend.environment.intake import Intake as EnvironmentIntake
from sampler.backend.environment.leftovers import Leftovers
from sampler.backend.environment.long_reads import LongReads
from sampler.backend.maintenance import Maintenance, WaryClock, now_and_then
from sampler.backend.readings import openapi as readings_openapi
from sampler.backend.readings import routes as readings
from sampler.backend.readings.listing import Lists
from sampler.backend.readings.posting import Intake as ReadingsIntake
from sampler.backend.readings.upkeep import Upkeep
from sampler.backend.settings import CannotStart, Settings, is_loopback, is_shared
from sampler.backend.store import Store, tokens
from sampler.backend.store.opening import open_store
from sampler.backend.temperature import openapi as temperature_openapi
from sampler.backend.temperature import routes as temperature
from sampler.backend.temperature.lottery import Lottery
from sampler.backend.temperature.output_file import OutputFile
from sampler.backend.web import document, health, methods, operating, pages, receipts
from sampler.backend.web import metrics as metrics_
from sampler.backend.web.capacity import MOST_BYTES, Capacity
from sampler.backend.web.cors import cors, mended
from sampler.backend.web.doorman import Doorman
from sampler.backend.web.forgetting import Forgetting
from sampler.backend.web.guard import Guard, KnownTokens
from sampler.backend.web.ledger import Ledger
from sampler.backend.web.metrics import Metrics
from sampler.backend.web.problems import HANDLERS

ROUTES = [
    *temperature.ROUTES,
    *readings.ROUTES,
    *customers.ROUTES,
    *accounts.ROUTES,
    *environment.ROUTES,
    *health.ROUTES,
    *metrics_.ROUTES,
    *receipts.ROUTES,
    *document.ROUTES,
    *pages.ROUTES,
]
ROOMS = [
    temperature_openapi.ROOM,
    readings_openapi.ROOM,
    customers_openapi.ROOM,
    accounts_openapi.ROOM,
    environment_openapi.ROOM,
    operating.ROOM,
]


@contextlib.contextmanager
def opened(settings: Settings, over: Commits | None = None) -> Iterator[Doorman]:
    """Open what the application needs, give it, and close everything in reverse order.

    Whoever has it built over commits of his own takes their turns, and closes them and their store.
    Raises CannotStart if the database, the output file or the key file is not as it must be.
    """
    output = _output_file(settings)
    keys = read_keys(settings)
    metrics = Metrics()
    with (
        contextlib.nullcontext(over) if over else _commits(settings, metrics) as commits,
        contextlib.closing(Passwords()) as passwords,
    ):
        store = commits.store
        _refuse_a_closed_door_without_a_key(settings, store)
        sessions = Sessions(store, commits, Tokens(keys))
        readiness = health.Readiness(commits)
        ledger = Ledger(commits, settings, metrics.receipts_dropped.inc)
        lists = Lists()
        leftovers = Leftovers(commits, shared=is_shared(settings.database))
        parts = {
            "settings": settings,
            "lists": lists,
            "store": store,
            "commits": commits,
            "readiness": readiness,
            "ledger": ledger,
            "metrics": metrics,
            "keys": keys,
            "sessions": sessions,
            "desk": Desk(store, commits, sessions, passwords),
            "temperature": _temperature(settings, commits, output),
            "readings": ReadingsIntake(commits, calendars.zone(settings.zone)),
            "environment": EnvironmentIntake(commits, leftovers),
            "long_reads": LongReads(),
            "openapi": document.document(ROOMS, closed=settings.wants_tokens),
        }
        app = build(settings, parts, Guard(settings, KnownTokens(store)))
        maintenance = _maintenance(settings, store, commits, ledger)
        app.on_startup += [leftovers.start, maintenance.start]
        app.on_shutdown += [maintenance.stop, leftovers.stop, ledger.settled]
        capacity = Capacity(most=max(MOST_BYTES, settings.max_body_bytes))
        doorman = Doorman(
            mended(app, settings.cors),
            [metrics.observe, ledger.note, lists.ended],
            readiness.stop,
            capacity=capacity,
        )
        metrics.gauge("requests_in_flight", "Requests being answered.", lambda: doorman.in_flight)
        metrics.gauge(
            "commit_queue_operations", "Operations that wait for a commit.", lambda: commits.waiting
        )
        yield doorman


@contextlib.contextmanager
def _commits(settings: Settings, metrics: Metrics) -> Iterator[Commits]:
    with (
        contextlib.closing(open_store(settings.database)) as store,
        contextlib.closing(Commits(store, observe=metrics.committed).start()) as commits,
    ):
        yield commits


def _temperature(settings: Settings, commits: Commits, output: OutputFile | None) -> temperature.Intake:
    lottery = Lottery(settings.fail_rate, settings.fail_after, settings.seed)
    return temperature.Intake(commits, lottery, output.write if output else lambda _: None)


def _maintenance(settings: Settings, store: Store, commits: Commits, ledger: Ledger) -> Maintenance:
    wary = WaryClock()
    upkeep = Upkeep(store, commits, settings.keep, expiry_clock=wary)
    forgetting = Forgetting(commits, settings.keys_kept_s, wary)
    return Maintenance([*upkeep.chores, now_and_then(forgetting.chore), now_and_then(ledger.chore)])


def _output_file(settings: Settings) -> OutputFile | None:
    try:
        return OutputFile(settings.output_file) if settings.output_file else None
    except OSError as error:
        raise CannotStart(
            f"the output file cannot be written: {error}; name another with --output-file"
        ) from error


def _refuse_a_closed_door_without_a_key(settings: Settings, store: Store) -> None:
    if not settings.wants_tokens or is_loopback(settings.host):
        return
    with store.reading() as session:
        if tokens.live(session, int(time.time())):
            return
    raise CannotStart(
        f"on {settings.host} devices and services need a token, and there is none: make one with "
        "`sampler backend tokens add NAME --scope …`, or say --open if everybody in this network may write and read"
    )


def build(settings: Settings, parts: dict[str, object], guard: Guard) -> Litestar:
    """Put the rooms together; a handler asks for a part by its name."""
    return Litestar(
        [*methods.options(ROUTES), *ROUTES],
        dependencies={"user": Provide(bearer.user), **{name: _given(part) for name, part in parts.items()}},
        guards=[guard.check],
        exception_handlers=HANDLERS,
        cors_config=cors(settings.cors),
        request_max_body_size=settings.max_body_bytes,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _given(part: object) -> Provide:
    return Provide(lambda: part, sync_to_thread=False)
