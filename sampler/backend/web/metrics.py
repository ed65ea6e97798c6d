"""What Prometheus is told: how much, how long, how full."""

import platform
from collections.abc import Callable
from importlib.metadata import version

from litestar import Response, get
from litestar.di import NamedDependency
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from sampler.backend.store import Store, StoreUnavailable
from sampler.backend.web import tally
from sampler.backend.web.visit import GONE, Visit

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MEDIA_TYPE = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")
"""The framework adds the charset to each text."""
_OPERATIONS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "OPTIONS"})


class Metrics:
    """The figures of one backend; everything that counts may do so from any thread."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        build = Gauge("sampler_backend_build_info", "What runs.", ["version", "python"], registry=registry)
        build.labels(version("sampler"), platform.python_version()).set(1)
        self._requests = Counter(
            "sampler_backend_requests",
            "Requests, by what they came to; those whose clients went away before the answer are `gone`.",
            ["endpoint", "method", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "sampler_backend_request_seconds",
            "From a request's headers to the last byte of its answer.",
            ["endpoint", "method"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._refusals = Counter(
            "sampler_backend_refusals", "Requests that were answered 4xx.", ["status"], registry=registry
        )
        self._stored = Counter(
            "sampler_backend_stored", "What was stored, and answered so.", ["kind"], registry=registry
        )
        self._operations = Histogram(
            "sampler_backend_commit_operations",
            "Operations that shared a commit.",
            buckets=_OPERATIONS,
            registry=registry,
        )
        self._commit_seconds = Histogram(
            "sampler_backend_commit_seconds",
            "From the first statement of a commit to its sync.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.receipts_dropped = Counter(
            "sampler_backend_receipts_dropped", "Refusals of which no receipt was kept.", registry=registry
        )
        self._store_bytes = Gauge(
            "sampler_backend_store_bytes", "How much the store takes; NaN if it is away.", registry=registry
        )

    def gauge(self, name: str, words: str, value: Callable[[], float]) -> None:
        """Tell a value as it is when Prometheus asks."""
        Gauge(f"sampler_backend_{name}", words, registry=self._registry).set_function(value)

    def observe(self, visit: Visit) -> None:
        """Count a request that has ended."""
        # Templates and methods that we know: an address or word that a client makes up is no new series.
        endpoint = visit.endpoint or "(unknown)"
        method = visit.method if visit.method in _METHODS else "(other)"
        status = "gone" if visit.status == GONE else f"{visit.status // 100}xx"
        self._requests.labels(endpoint, method, status).inc()
        self._seconds.labels(endpoint, method).observe(visit.seconds)
        if status == "4xx":
            self._refusals.labels(str(visit.status)).inc()
        for kind, number in tally.of(visit.scope).items():
            self._stored.labels(kind).inc(number)

    def committed(self, operations: int, seconds: float) -> None:
        """Count a commit."""
        self._operations.observe(operations)
        self._commit_seconds.observe(seconds)

    def text(self, store: Store) -> bytes:
        """Write all of them as Prometheus reads it."""
        try:
            self._store_bytes.set(store.size())
        except StoreUnavailable:
            self._store_bytes.set(float("nan"))
        return generate_latest(self._registry)


@get("/metrics", sync_to_thread=True, opt={"scope": "read"})
def get_metrics(store: NamedDependency[Store], metrics: NamedDependency[Metrics]) -> Response[bytes]:
    """Tell Prometheus."""
    return Response(metrics.text(store), media_type=_MEDIA_TYPE)


ROUTES = [get_metrics]
