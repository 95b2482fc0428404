"""Prometheus metrics, in a registry of their own so that two applications in one process do not meet."""

import asyncio
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import HistogramMetricFamily

from pizarra.timeline.appender import Append

_COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LAG_EVERY_SECONDS = 0.25
_SHARE_BUCKETS = (1, 2, 5, 10, 20, 50, 100)
_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Tally:
    """A histogram for what happens a thousand times a second: plain numbers, made into samples when somebody asks.

    The library's own takes a lock and walks its buckets at every observation; all of ours happen in one thread.
    """

    def __init__(self, name: str, documentation: str, bounds: Sequence[float], registry: CollectorRegistry) -> None:
        self._name = name
        self._documentation = documentation
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        registry.register(self)

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Give the samples."""
        bounds = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        buckets = list(zip(bounds, accumulate(self._counts), strict=True))
        yield HistogramMetricFamily(self._name, self._documentation, buckets=buckets, sum_value=self._sum)


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
        self.room_loads = Counter("pizarra_room_loads", "Rooms loaded from storage.", registry=registry)
        self.closes = Counter("pizarra_websocket_closes", "Sockets closed by us.", ["code"], registry=registry)
        self.drops = Counter(
            "pizarra_websocket_drops", "Sockets given up: too slow, or silent.", ["reason"], registry=registry
        )
        self.outbox_bytes = Gauge("pizarra_outbox_bytes", "Bytes waiting for all sockets.", registry=registry)
        self.largest_outbox_bytes = Gauge(
            "pizarra_outbox_largest_bytes", "Bytes waiting for the slowest socket.", registry=registry
        )
        self.loop_lag_seconds = Histogram(
            "pizarra_event_loop_lag_seconds",
            "How late the event loop wakes a sleeper.",
            buckets=_LAG_BUCKETS,
            registry=registry,
        )
        self.updates = Counter("pizarra_updates", "Updates committed.", registry=registry)
        self.commit_seconds = Tally(
            "pizarra_commit_seconds", "Time to commit what rooms had.", _COMMIT_BUCKETS, registry
        )
        self.logs_per_commit = Tally(
            "pizarra_logs_per_commit", "Sessions that shared a commit.", _SHARE_BUCKETS, registry
        )
        self.commit_failures = Counter("pizarra_commit_failures", "Commits that failed.", registry=registry)
        self.updates_refused = Counter("pizarra_updates_refused", "Updates beyond a limit.", registry=registry)
        self.presence_dropped = Counter(
            "pizarra_presence_dropped", "Presence messages that slow sockets did not get.", registry=registry
        )
        self.rooms_failed = Counter("pizarra_rooms_failed", "Rooms that gave up.", registry=registry)
        self.runs = Counter("pizarra_runs", "Runs ended.", ["language", "status"], registry=registry)
        self.active_runs = Gauge("pizarra_active_runs", "Runs queued or running.", registry=registry)
        self.runner_restarts = Gauge("pizarra_runner_restarts", "Times the runner was lost.", registry=registry)
        self.chore_seconds = Counter(
            "pizarra_chore_cpu_seconds",
            "Processor time of background work; packing seals first.",
            ["chore"],
            registry=registry,
        )

    def commit(self, batch: Sequence[Append], seconds: float) -> None:
        """Count a commit of `seconds`."""
        self.commit_seconds.observe(seconds)
        self.logs_per_commit.observe(len(batch))
        self.updates.inc(sum(len(append.entries) for append in batch if append.entries[0].kind == "edit"))

    async def watch_loop(self) -> None:
        """Measure the event loop's lag for ever."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_EVERY_SECONDS
            await asyncio.sleep(_LAG_EVERY_SECONDS)
            self.loop_lag_seconds.observe(max(0.0, loop.time() - due))
