"""Prometheus metrics, in a registry of their own so that two applications in one process do not meet."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """Every metric."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.requests = Counter("pizarra_http_requests", "HTTP requests.", ["method", "status"], registry=registry)
        self.request_seconds = Histogram(
            "pizarra_http_request_seconds", "Time to answer.", buckets=_REQUEST_BUCKETS, registry=registry
        )
        self.connections = Gauge("pizarra_websocket_connections", "Open sockets.", registry=registry)
        self.rooms = Gauge("pizarra_rooms", "Rooms in memory.", registry=registry)
        self.closes = Counter("pizarra_websocket_closes", "Sockets closed by us.", ["code"], registry=registry)
        self.updates = Counter("pizarra_updates", "Updates committed.", registry=registry)
        self.commit_seconds = Histogram(
            "pizarra_commit_seconds", "Time to commit a batch of updates.", buckets=_COMMIT_BUCKETS, registry=registry
        )
        self.commit_failures = Counter("pizarra_commit_failures", "Commits that failed.", registry=registry)
        self.updates_refused = Counter("pizarra_updates_refused", "Updates beyond a limit.", registry=registry)
        self.rooms_failed = Counter("pizarra_rooms_failed", "Rooms that gave up.", registry=registry)
        self.runs = Counter("pizarra_runs", "Runs ended.", ["language", "status"], registry=registry)
        self.active_runs = Gauge("pizarra_active_runs", "Runs queued or running.", registry=registry)
        self.runner_restarts = Gauge("pizarra_runner_restarts", "Times the runner was lost.", registry=registry)
