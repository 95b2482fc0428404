"""Prometheus metrics, in a registry of their own so that two applications in one process do not meet."""

import asyncio
import platform
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily

from pizarra import __version__

_COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_LAG_EVERY_SECONDS = 1.0
_SHARE_BUCKETS = (1, 2, 5, 10, 20, 50, 100)
_RUN_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Tally:
    """A histogram for what happens a thousand times a second: plain numbers, made into samples when somebody asks.

    The library's own takes a lock and walks its buckets at every observation; all of ours happen in one thread.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        bounds: Sequence[float],
        registry: CollectorRegistry,
        labels: Sequence[str] = (),
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._bounds = tuple(bounds)
        self._labels = tuple(labels)
        self._of: dict[tuple[str, ...], _Observed] = {}
        if not labels:
            self._of[()] = _Observed(len(bounds))
        registry.register(self)

    def observe(self, value: float, *labels: str) -> None:
        """Count one value."""
        observed = self._of.get(labels)
        if observed is None:
            observed = self._of[labels] = _Observed(len(self._bounds))
        observed.counts[bisect_left(self._bounds, value)] += 1
        observed.sum += value

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Give the samples."""
        bounds = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        for labels, observed in list(self._of.items()):  # in a thread, while more are counted
            buckets = list(zip(bounds, accumulate(observed.counts), strict=True))
            family.add_metric(labels, buckets, observed.sum)
        yield family


class _Observed:
    """What was observed: how often in each bucket, and altogether."""

    __slots__ = ("counts", "sum")

    def __init__(self, bounds: int) -> None:
        self.counts = [0] * (bounds + 1)
        self.sum = 0.0


class Counts:
    """A counter with labels for what happens as often."""

    def __init__(
        self, name: str, documentation: str, labels: Sequence[str], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._labels = tuple(labels)
        self._of: dict[tuple[str, ...], int] = {}
        registry.register(self)

    def add(self, *labels: str) -> None:
        """Count one more."""
        self._of[labels] = self._of.get(labels, 0) + 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Give the samples."""
        family = CounterMetricFamily(self._name, self._documentation, labels=self._labels)
        for labels, count in list(self._of.items()):
            family.add_metric(labels, count)
        yield family


class Recorded(Protocol):
    """An entry of a log."""

    @property
    def kind(self) -> str:
        """What it is."""
        ...


class Appended(Protocol):
    """What one session's log got."""

    @property
    def rows(self) -> Sequence[Recorded]:
        """Its entries."""
        ...


class Metrics:
    """Every metric."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._rendering: asyncio.Task[bytes] | None = None
        self._add_process(self.registry)
        self._add_requests(self.registry)
        self._add_sockets(self.registry)
        self._add_commits(self.registry)
        self._add_runs(self.registry)
        self._add_cluster(self.registry)

    def _add_process(self, registry: CollectorRegistry) -> None:
        """Count what this process takes."""
        ProcessCollector(registry=registry)  # processor time, memory, descriptors, start
        build = Gauge(
            "pizarra_build_info",
            "Always 1: which version this is.",
            ["version", "python"],
            registry=registry,
        )
        build.labels(__version__, platform.python_version()).set(1)
        self.loop_lag_seconds = Histogram(
            "pizarra_event_loop_lag_seconds",
            "How late the event loop wakes a sleeper.",
            buckets=_LAG_BUCKETS,
            registry=registry,
        )
        holds = Counter(
            "pizarra_event_loop_holds",
            "Callbacks that held an event loop for 50 ms of its processor time; the log names them.",
            ["process"],
            registry=registry,
        )
        self.loop_holds, self.runner_holds = holds.labels("web"), holds.labels("runner")
        self.process_restarts = Gauge(
            "pizarra_web_process_restarts",
            "Times this web process, one of several, was started anew.",
            registry=registry,
        )
        self.disk_free_bytes = Gauge(
            "pizarra_disk_free_bytes",
            "Room on the embedded database's disk; 0: not known.",
            registry=registry,
        )

    def _add_requests(self, registry: CollectorRegistry) -> None:
        """Count requests."""
        self.requests = Counts(
            "pizarra_http_requests", "HTTP requests.", ["method", "status"], registry
        )
        self.request_seconds = Tally(
            "pizarra_http_request_seconds",
            "Time to answer, by the route's template.",
            _REQUEST_BUCKETS,
            registry,
            ["method", "route"],
        )
        self.refusals = Counter(
            "pizarra_refusals",
            "What was refused because somebody had enough already, by the setting that says so.",
            ["bound"],
            registry=registry,
        )

    def _add_sockets(self, registry: CollectorRegistry) -> None:
        """Count sockets and rooms."""
        self.connections = Gauge(
            "pizarra_websocket_connections", "Open sockets.", registry=registry
        )
        self.rooms = Gauge("pizarra_rooms", "Rooms in memory.", registry=registry)
        self.room_loads = Counter(
            "pizarra_room_loads", "Rooms loaded from storage.", registry=registry
        )
        self.closes = Counter(
            "pizarra_websocket_closes", "Sockets closed by us.", ["code"], registry=registry
        )
        self.drops = Counter(
            "pizarra_websocket_drops",
            "Sockets given up: too slow, or silent.",
            ["reason"],
            registry=registry,
        )
        self.outbox_bytes = Gauge(
            "pizarra_outbox_bytes", "Bytes waiting for all sockets.", registry=registry
        )
        self.largest_outbox_bytes = Gauge(
            "pizarra_outbox_largest_bytes",
            "Bytes waiting for the slowest socket.",
            registry=registry,
        )
        self.commit_seconds = Tally(
            "pizarra_commit_seconds", "Time to commit what rooms had.", _COMMIT_BUCKETS, registry
        )
        self.presence_dropped = Counter(
            "pizarra_presence_dropped",
            "Presence messages that slow sockets did not get.",
            registry=registry,
        )
        self.rooms_failed = Counter(
            "pizarra_rooms_failed", "Rooms that gave up.", registry=registry
        )

    def _add_commits(self, registry: CollectorRegistry) -> None:
        """Count what is recorded, and what is done in the background."""
        self.database_bytes = Gauge(
            "pizarra_database_bytes",
            "Size of the SQLite database with its log; 0 on PostgreSQL.",
            registry=registry,
        )
        self.updates = Counter("pizarra_updates", "Updates committed.", registry=registry)
        self.logs_per_commit = Tally(
            "pizarra_logs_per_commit", "Sessions that shared a commit.", _SHARE_BUCKETS, registry
        )
        self.commit_failures = Counter(
            "pizarra_commit_failures", "Commits that failed.", registry=registry
        )
        self.updates_refused = Counter(
            "pizarra_updates_refused", "Updates beyond a limit.", registry=registry
        )
        self.chore_seconds = Counter(
            "pizarra_chore_cpu_seconds",
            "Processor time of background work; packing seals first.",
            ["chore"],
            registry=registry,
        )

    def _add_runs(self, registry: CollectorRegistry) -> None:
        """Count runs."""
        self.runs = Counter(
            "pizarra_runs", "Runs ended.", ["language", "status"], registry=registry
        )
        self.run_wait_seconds = Histogram(
            "pizarra_run_wait_seconds",
            "Time from asking for a run until its turn.",
            ["language"],
            buckets=_RUN_BUCKETS,
            registry=registry,
        )
        self.run_seconds = Histogram(
            "pizarra_run_seconds",
            "Duration of runs.",
            ["language"],
            buckets=_RUN_BUCKETS,
            registry=registry,
        )
        self.active_runs = Gauge(
            "pizarra_active_runs", "Runs queued or running.", registry=registry
        )
        self.workers = Gauge(
            "pizarra_workers",
            "Workers of other machines that are connected.",
            ["state"],
            registry=registry,
        )
        self._runs_sent = Counter(
            "pizarra_runs_sent",
            "Runs sent to a runner: this machine's, or a worker by its token's name.",
            ["runner"],
            registry=registry,
        )
        self.runner_restarts = Gauge(
            "pizarra_runner_restarts", "Times the runner was lost.", registry=registry
        )

    def _add_cluster(self, registry: CollectorRegistry) -> None:
        """Count what processes tell each other."""
        self.bus_connected = Gauge(
            "pizarra_bus_connected",
            "1: there is a way to the other processes; 0: they are seen up to a second later.",
            registry=registry,
        )
        self.bus_messages = Counts(
            "pizarra_bus_messages",
            "Messages between processes: published, dropped, received, or refused as not ours.",
            ["outcome"],
            registry,
        )
        self.bus_holes = Counter(
            "pizarra_bus_holes",
            "Times that entries of another process were read from the database: the bus had not brought them.",
            registry=registry,
        )

    def refuse(self, bound: str | None) -> None:
        """Count what the setting `bound` refused; nothing when it was no bound that refused."""
        if bound is not None:
            self.refusals.labels(bound).inc()

    def count_run(self, runner: str) -> None:
        """Count a run that was sent to a runner."""
        self._runs_sent.labels(runner).inc()

    def commit(self, batch: Sequence[Appended], seconds: float) -> None:
        """Count a commit of `seconds`."""
        self.commit_seconds.observe(seconds)
        self.logs_per_commit.observe(len(batch))
        self.updates.inc(sum(row.kind == "edit" for append in batch for row in append.rows))

    async def render(self) -> bytes:
        """Return all as Prometheus reads it: made in a thread, once for all who ask meanwhile; it takes tens of ms."""
        if self._rendering is None or self._rendering.done():
            self._rendering = asyncio.create_task(asyncio.to_thread(generate_latest, self.registry))
        return await asyncio.shield(self._rendering)

    async def watch_loop(self) -> None:
        """Measure the event loop's lag for ever."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_EVERY_SECONDS
            await asyncio.sleep(_LAG_EVERY_SECONDS)
            self.loop_lag_seconds.observe(max(0.0, loop.time() - due))
