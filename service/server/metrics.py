"""Metrics for Prometheus, on a port of their own (https://prometheus.io/docs/)."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from service.endpoint import PATH
from service.engine.pool import Pool
from service.problems import UsageError

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Upper bounds of the durations of responses, in seconds."""
_METHODS = frozenset({"GET", "HEAD", "POST", "QUERY", "DELETE", "OPTIONS"})


class Metrics:
    """The metrics of one serving process.

    :param pool: returns the pool whose queries and workers are counted.
    """

    def __init__(self, pool: Callable[[], Pool]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(_Engine(pool))
        self._responses = Counter(
            "cdmo_responses",
            "Responses, by what was asked (query or page), method, status and problem.",
            ("asked", "method", "status", "problem"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "cdmo_response_seconds",
            "Time from a request to the end of its response.",
            ("asked",),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def count(self, path: str, method: str, status: int, seconds: float, problem: str) -> None:
        """Count a response.

        :param status: 0 if the client left before the response began.
        :param problem: the slug of the problem in it; "" for none.
        """
        asked = "query" if path == PATH else "page"
        method = method if method in _METHODS else "other"
        self._responses.labels(asked, method, str(status), problem).inc()
        self._seconds.labels(asked).observe(seconds)

    def serve(self, host: str, port: int) -> None:
        """Answer Prometheus in a thread, at any path.

        :raises UsageError: if it cannot listen on the port.
        """
        try:
            start_http_server(port, host, registry=self.registry)
        except OSError as error:
            message = f"Metrics cannot be served on {host}:{port}: {error.strerror}."
            raise UsageError(message) from None


class _Engine(Collector):
    """Reads the state of a pool when Prometheus asks for it."""

    def __init__(self, pool: Callable[[], Pool]) -> None:
        self._pool = pool

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges of the engine."""
        figures = self._pool().figures()
        queries = GaugeMetricFamily("cdmo_queries", "Queries, by state.", labels=["state"])
        queries.add_metric(["running"], figures.running)
        queries.add_metric(["waiting"], figures.waiting)
        yield queries
        yield GaugeMetricFamily("cdmo_engine_ready", "1 if it answers.", value=figures.ready)
        workers = "Workers that wait for a query."
        yield GaugeMetricFamily("cdmo_idle_workers", workers, value=figures.idle_workers)
        spool = "Disk space that is free for results that clients read slowly."
        yield GaugeMetricFamily("cdmo_spool_free_bytes", spool, value=figures.spool_bytes_left)
        replicas = self._pool().replicas
        yield GaugeMetricFamily("cdmo_replicas_up", "Other engines that are up.", value=replicas.up)
        retries = "Queries that were asked again, since another engine failed."
        yield CounterMetricFamily("cdmo_replica_retries", retries, value=replicas.retries)

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: :meth:`collect` describes its metrics."""
        yield from ()
