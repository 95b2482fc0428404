"""What `/metrics` says: the figures of this process, or of all web processes behind one port."""

import asyncio
from collections import Counter
from pathlib import Path

from pizarra.health.parts import HealthParts
from pizarra.http.labelled import labelled


async def read_figures(services: HealthParts) -> bytes:
    """Return the figures of this process, as Prometheus reads them."""
    metrics = services.metrics
    metrics.rooms.set(len(services.hub.rooms()))
    outboxes = [connection.channel.buffered() for connection in services.hub.connections()]
    metrics.outbox_bytes.set(sum(outboxes))
    metrics.largest_outbox_bytes.set(max(outboxes, default=0))
    if (free := services.disk.free()) is not None:
        metrics.disk_free_bytes.set(free)
    metrics.bus_connected.set(services.bus.is_open)
    metrics.runner_restarts.set(services.runner.restarts)
    states = Counter(link.state for link in services.runner.workers)
    for state in ("starting", "ready", "draining"):
        metrics.workers.labels(state).set(states[state])
    metrics.process_restarts.set(services.siblings.restarts)
    if services.database.is_sqlite:
        path = str(services.database.url.database)
        files = (Path(path), Path(f"{path}-wal"))
        metrics.database_bytes.set(sum(each.stat().st_size for each in files if each.exists()))
    return await metrics.render()


async def read_all_figures(services: HealthParts) -> bytes:
    """Return those of all web processes; where there are several, each sample says whose it is."""
    if len(services.siblings.processes) == 1:
        return await read_figures(services)
    figures = await services.siblings.all_figures()
    return await asyncio.to_thread(labelled, figures)
